using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using PayCore.PayCenter.Shop;
using PayCore.PayCenter.Web;

namespace PayCore.PayCenter.Pages;

/// <summary>The shelf.</summary>
internal sealed class StoreModel(ShopCheckout checkout, IOptions<PayCenterOptions> options) : ShopPage(options)
{
    /// <inheritdoc/>
    public override string Title => Say(ShopTexts.Motto);

    /// <summary>The number under which this page orders.</summary>
    public string Number { get; } = checkout.NewNumber();

    /// <summary>How one can pay.</summary>
    public IReadOnlyList<ShopWay> Ways => checkout.Ways;

    /// <summary>A way to pay in words.</summary>
    public string Words(ShopWay way) => way.Scene switch
    {
        "QR" => Say(ShopTexts.PayByCode, Wallets.NameOf(way.Method, Language)),
        "PAGE" => Say(ShopTexts.PayOnPage, Wallets.NameOf(way.Method, Language)),
        _ => Say(ShopTexts.PayByChoice),
    };

    /// <summary>Orders, and sends the buyer to the cashier.</summary>
    public async Task<IActionResult> OnPostBuyAsync(
        [FromForm(Name = "number")] string? number, [FromForm(Name = "goods")] string? goods, [FromForm(Name = "pay")] string? pay)
    {
        if (Goods.Find(goods) is not { } wanted || Ways.FirstOrDefault(w => w.Name == pay) is not { } way
            || await checkout.BuyAsync(number ?? "", wanted, way, Language) is not { } order)
        {
            return new Notice(StatusCodes.Status400BadRequest, ShopTexts.GoneTitle, ShopTexts.GoneHow)
            {
                Link = "/shop",
                LinkText = ShopTexts.ToStore,
            }.In(Language);
        }

        return new SeeOther(order.CashierUrl.Length > 0 ? order.CashierUrl : $"/shop/orders/{order.OutTradeNo}");
    }
}
