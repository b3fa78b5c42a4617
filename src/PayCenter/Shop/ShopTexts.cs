using PayCore.PayCenter.Web;

namespace PayCore.PayCenter.Shop;

/// <summary>What the shop says.</summary>
internal static class ShopTexts
{
    public static readonly Text Name = new("Lakeside Tea & Paper", "湖畔茶纸铺");
    public static readonly Text Motto = new("Small things, well made.", "小物件，好手艺。");
    public static readonly Text Demo = new(
        "A demonstration store of PayCore. It takes orders as any merchant would; nothing is shipped.",
        "PayCore 演示商店：与任何商户一样下单，不会真正发货。");
    public static readonly Text Buy = new("Buy", "购买");
    public static readonly Text HowToPay = new("At checkout", "结账方式");
    public static readonly Text PayByCode = new("Show me the {0} code", "直接显示{0}二维码");
    public static readonly Text PayOnPage = new("Pay on {0}'s page", "前往{0}页面付款");
    public static readonly Text PayByChoice = new("Let me choose the wallet", "在收银台选择钱包");
    public static readonly Text MyOrders = new("Orders", "订单");
    public static readonly Text ToStore = new("Back to the store", "返回商店");

    public static readonly Text OrdersTitle = new("Orders", "订单");
    public static readonly Text OrdersNote = new("A demonstration store shows everybody's orders, newest first.", "演示商店会显示所有人的订单，最新的在前。");
    public static readonly Text NoOrders = new("No orders yet.", "还没有订单。");
    public static readonly Text OrderTitle = new("Order {0}", "订单 {0}");
    public static readonly Text Goods = new("Goods", "商品");
    public static readonly Text Amount = new("Amount", "金额");
    public static readonly Text Ordered = new("Ordered (UTC)", "下单时间（UTC）");
    public static readonly Text Told = new("We were told (UTC)", "收到通知时间（UTC）");
    public static readonly Text GatewayOrder = new("PayCore's number", "PayCore 订单号");

    public static readonly Text NotStarted = new("Not started", "未开始付款");
    public static readonly Text Waiting = new("Waiting for payment", "等待付款");
    public static readonly Text Paid = new("Paid", "已付款");
    public static readonly Text Closed = new("Closed, not paid", "已关闭，未付款");
    public static readonly Text Failed = new("Payment failed", "付款失败");

    public static readonly Text NotStartedHow = new(
        "The payment could not be started. Your order is kept; try once more, it will not be ordered twice.",
        "暂时无法发起付款。订单已保留，您可以再试一次，不会重复下单。");
    public static readonly Text WaitingHow = new(
        "We hear of your payment within seconds, and this page shows it by itself.",
        "付款后几秒内我们就会收到通知，本页面会自动更新。");
    public static readonly Text PaidHow = new("Thank you! We have been told that your payment arrived.", "谢谢！我们已收到您的付款通知。");
    public static readonly Text ClosedHow = new(
        "The time to pay was over and nothing was taken. You are welcome to order again.",
        "付款时间已过，未扣除任何款项，欢迎重新下单。");
    public static readonly Text FailedHow = new("Nothing was taken. You are welcome to order again.", "未扣除任何款项，欢迎重新下单。");
    public static readonly Text Pay = new("Continue to payment", "继续付款");
    public static readonly Text TryAgain = new("Try again", "再试一次");

    public static readonly Text UnknownTitle = new("We do not know this order", "未找到此订单");
    public static readonly Text UnknownHow = new("Look for it among the orders of this store.", "请在本店订单列表中查找。");
    public static readonly Text GoneTitle = new("That did not work", "操作未成功");
    public static readonly Text GoneHow = new(
        "Please open the store again and choose once more. Nothing was ordered.",
        "请重新打开商店再选择一次，尚未下单。");
}
