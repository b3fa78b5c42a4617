using PayCore.PayCenter.Web;

namespace PayCore.PayCenter.Cashier;

/// <summary>What the cashier says.</summary>
internal static class CashierTexts
{
    public static readonly Text Title = new("Pay {0}", "向{0}付款");
    public static readonly Text PayTo = new("Pay to", "收款方");
    public static readonly Text Amount = new("Amount", "金额");
    public static readonly Text Subject = new("For", "商品");
    public static readonly Text OrderNo = new("Order number", "订单号");
    public static readonly Text PaidWith = new("Paid with", "支付方式");
    public static readonly Text PaidAt = new("Paid at", "支付时间");
    public static readonly Text TimeLeft = new("Time left", "剩余时间");

    public static readonly Text AnyTitle = new("Scan with any wallet", "任意钱包扫码支付");
    public static readonly Text AnyHow = new(
        "Use WeChat, Alipay or your phone’s camera: it leads to the way to pay that your phone has.",
        "使用微信、支付宝或手机相机扫码，自动进入对应的支付方式。");
    public static readonly Text AnyLabel = new("QR code of this page: {0} to {1}", "本页面二维码：{0}，收款方{1}");
    public static readonly Text OrChoose = new("or choose a wallet", "或选择钱包");
    public static readonly Text OtherDevice = new("Continue on another device", "在其他设备上继续");

    public static readonly Text ScanTitle = new("Scan with {0}", "请使用{0}扫码支付");
    public static readonly Text ScanHow = new("Open {0} on your phone, choose Scan, and point it at the code.", "打开手机上的{0}，选择“扫一扫”，对准二维码。");
    // wechat-pay-v3.md 3.4: such a code is taken by scanning only, not by a long press and not from the album.
    public static readonly Text AnotherPhoneHow = new(
        "Scan this code with {0} on another phone, or open this page on a computer and scan it there. A long press or a saved picture may not work.",
        "请用另一部手机的{0}扫描此码，或在电脑上打开本页面后扫码。长按识别或从相册选取可能无效。");
    public static readonly Text CodeLabel = new("QR code for {0}: {1} to {2}", "{0}付款二维码：{1}，收款方{2}");
    public static readonly Text Waiting = new("Waiting for your payment. This page updates itself.", "正在等待付款，付款后本页面会自动更新。");
    public static readonly Text CodeUnusable = new("This code cannot be shown here.", "此二维码无法在这里显示。");
    public static readonly Text IHavePaid = new("I have paid", "我已完成付款");
    public static readonly Text Simulator = new("Simulator: pay here", "模拟器：在此付款");
    public static readonly Text SimulatorNote = new("A test wallet; no real money moves.", "测试钱包，不涉及真实资金。");

    public static readonly Text GoTitle = new("Continue to {0}", "前往{0}付款");
    public static readonly Text GoHow = new("You pay on the page of {0} and come back here.", "您将在{0}页面完成付款，然后返回此处。");
    public static readonly Text BridgeHow = new("{0} asks you to confirm the payment here.", "{0}将在此请您确认付款。");
    public static readonly Text BridgeNeedsScript = new(
        "Your browser runs no scripts, so {0} cannot open. Choose another way below.", "您的浏览器未启用脚本，无法打开{0}。请在下方选择其他方式。");
    public static readonly Text GoButton = new("Continue", "继续付款");
    public static readonly Text ElsewhereTitle = new("Finish on your other screen", "请在另一设备上完成付款");
    public static readonly Text ElsewhereHow = new(
        "You are paying with {0} on a phone or in an app. Finish there; this page shows the result.",
        "您正在手机或应用中使用{0}付款，请在那里完成，本页面会显示结果。");
    public static readonly Text ContinueHere = new("Continue here instead", "改为在此继续");

    public static readonly Text WayQr = new("Scan with {0}", "{0}扫码支付");
    public static readonly Text WayPage = new("Pay on {0}’s page", "{0}网页支付");
    public static readonly Text WayH5 = new("Open {0}", "打开{0}支付");
    public static readonly Text WayHere = new("Pay with {0}", "{0}支付");

    public static readonly Text ChooseTitle = new("How would you like to pay?", "请选择支付方式");
    public static readonly Text OpenInBrowser = new(
        "If the wallet does not open from this app, open this page in your browser: the menu in the corner has it.",
        "如果无法从当前应用打开钱包，请点击右上角菜单，在浏览器中打开本页面。");
    public static readonly Text SwitchHow = new("What is shown now is ended first.", "切换前会先关闭当前的付款。");
    public static readonly Text Unclosed = new(
        "Your earlier payment with {0} could not be ended for certain. If you have paid it, wait here and do not pay again. If not, pay only with what is shown here.",
        "之前的{0}付款未能确认关闭。如果您已用它付款，请在此等待，不要重复付款；如果没有，请只使用当前显示的方式付款。");
    public static readonly Text OtherWays = new("Pay another way", "换一种支付方式");
    public static readonly Text Refused = new(
        "{0} did not accept this payment. Nothing was taken from you. Please choose again.",
        "{0}未接受此次付款，未扣除任何款项，请重新选择。");
    public static readonly Text NoWay = new("There is no way to pay this order at the moment. Please ask the shop.", "该订单暂无可用的支付方式，请联系商家。");

    public static readonly Text PreparingTitle = new("One moment", "请稍候");
    public static readonly Text PreparingHow = new("We are asking {0} for your payment code.", "正在向{0}获取付款二维码。");
    public static readonly Text PreparingSlow = new(
        "{0} has not answered yet. You can wait or ask once more; asking takes no money.",
        "{0}暂未响应。您可以继续等待或重新获取，获取本身不会扣款。");
    public static readonly Text AskAgain = new("Ask again", "重新获取");

    public static readonly Text NewCodeTitle = new("This code is no longer valid", "二维码已失效");
    public static readonly Text NewCodeHow = new(
        "Your order is still open. Get a new code to pay it. If you have paid with the old one, press “I have paid”.",
        "订单仍可付款，请获取新的二维码。如果您已用旧码付款，请点击“我已完成付款”。");
    public static readonly Text NewCode = new("Get a new code", "获取新的二维码");

    public static readonly Text PaidTitle = new("Paid", "付款成功");
    public static readonly Text ReturningIn = new("You go back in {0} s.", "{0} 秒后返回商家。");
    public static readonly Text Stay = new("Stay here", "留在此页");
    public static readonly Text PaidHow = new("{0} has confirmed your payment.", "{0}已确认您的付款。");
    public static readonly Text ClosingTitle = new("Your order is being closed", "订单正在关闭");
    public static readonly Text ClosingHow = new(
        "Please do not pay any more. If you have paid already, wait here: we are asking the wallet for the last time.",
        "请不要再付款。如果您已经付款，请在此等待：我们正在做最后确认。");
    public static readonly Text ClosedTitle = new("This order is closed", "订单已关闭");
    public static readonly Text ExpiredTitle = new("This order has expired", "订单已过期");
    public static readonly Text ClosedExpired = new(
        "Its time to pay is over and nothing was taken. Order again to pay.",
        "付款时间已过，未扣除任何款项。如需付款请重新下单。");
    public static readonly Text ClosedEarly = new(
        "It was ended and nothing was taken. Go back to the shop to order again.",
        "订单已被取消，未扣除任何款项。请返回商家重新下单。");
    public static readonly Text FailedTitle = new("The payment did not work", "付款未成功");
    public static readonly Text FailedHow = new(
        "The wallet did not accept the order and nothing was taken. Go back to the shop and try another way to pay.",
        "支付渠道未接受该订单，未扣除任何款项。请返回商家并尝试其他支付方式。");
    public static readonly Text PaidAllTheSame = new(
        "If your wallet shows a payment for this order all the same, keep its receipt: we find it and tell the shop.",
        "如果您的钱包显示已支付该订单，请保留凭证：我们会核实并通知商家。");
    public static readonly Text BackToShop = new("Back to the shop", "返回商家");
    public static readonly Text ReturnTo = new("Return to {0}", "返回{0}");
    public static readonly Text Questions = new("Questions about this order?", "对订单有疑问？");
    public static readonly Text CloseWindow = new("You can close this page.", "您可以关闭此页面。");

    public static readonly Text ProcessingTitle = new("We are confirming your payment", "正在确认您的付款");
    public static readonly Text ProcessingHow = new(
        "{0} has not told us of it yet. That takes a few seconds as a rule, and this page notices it by itself. If you have paid, do not pay again.",
        "尚未收到{0}的付款结果，通常只需几秒，本页面会自动更新。如果您已付款，请不要重复付款。");
    public static readonly Text CheckAgain = new("Check again", "再次查询");
    public static readonly Text NotPaidByMe = new("I have not paid yet", "我还没有付款");
    public static readonly Text NotAsked = new("We could not ask just now. Please try again in a moment.", "暂时无法查询，请稍后再试。");
    public static readonly Text NotChanged = new(
        "That was not possible. This page shows how your order stands now.",
        "操作未能完成，本页面显示订单的最新状态。");

    public static readonly Text UnknownTitle = new("We do not know this payment page", "未找到此付款页面");
    public static readonly Text UnknownHow = new(
        "The address may be incomplete. Go back to the shop and open the payment from there once more.",
        "链接可能不完整。请返回商家，重新打开付款页面。");
    public static readonly Text AwayTitle = new("We cannot show your order just now", "暂时无法显示订单");
    public static readonly Text AwayHow = new(
        "Your order is safe. This page tries again by itself; do not pay a second time.",
        "您的订单没有问题，本页面会自动重试，请不要重复付款。");

    public static readonly Text StoreTitle = new("Pay at {0}", "向{0}付款");
    public static readonly Text StoreAmount = new("Amount", "付款金额");
    public static readonly Text StoreHow = new("Type what the store asks for. You choose the wallet next.", "请输入商家告知的金额，下一步选择钱包。");
    public static readonly Text StoreContinue = new("Continue", "下一步");
    public static readonly Text StoreAmountWrong = new("Type an amount such as 12.50, with at most two digits after the point.", "请输入金额，例如 12.50，最多两位小数。");
    public static readonly Text StoreAmountTooLarge = new("The most that can be paid here at once is {0}.", "单笔最多可支付{0}。");
    public static readonly Text StoreTooMany = new("There were many orders from here just now. Please wait a minute.", "操作过于频繁，请一分钟后再试。");
    public static readonly Text StoreAwayTitle = new("We cannot take payments just now", "暂时无法付款");
    public static readonly Text StoreAway = new("That did not work just now. Please try again; an order is made once.", "操作暂时未成功，请重试，不会重复下单。");
    public static readonly Text StoreUsed = new(
        "This form was sent before with another amount. Open the page again to pay something else.",
        "此表单已用其他金额提交过，如需另付请重新打开页面。");
    public static readonly Text StoreUnknownTitle = new("We do not know this store", "未找到该商店");
    public static readonly Text StoreUnknownHow = new("The code may be out of date. Please ask the store’s people.", "二维码可能已失效，请联系店员。");
}
