using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using PayCore.PayCenter.Shop;
using PayCore.PayCenter.Web;

namespace PayCore.PayCenter.Pages;

/// <summary>One order, as the shop was told by verified notifications. Coming back from the cashier proves nothing.</summary>
internal sealed class OrderModel(IShopOrders orders, ShopCheckout checkout, TimeProvider time, IOptions<PayCenterOptions> options)
    : ShopPage(options)
{
    private static readonly TimeSpan _freshFor = TimeSpan.FromMinutes(30);

    /// <summary>The order.</summary>
    public ShopOrder Order { get; private set; } = null!;

    /// <inheritdoc/>
    public override string Title => Say(ShopTexts.OrderTitle, Order.OutTradeNo);

    /// <inheritdoc/>
    public override int RefreshSeconds => Order.State == ShopOrderState.Waiting && time.GetUtcNow() - Order.CreateTime < _freshFor ? 3 : 0;

    /// <summary>What that means for the buyer.</summary>
    public string HowItStands => Say(Order.State switch
    {
        ShopOrderState.NotStarted => ShopTexts.NotStartedHow,
        ShopOrderState.Waiting => ShopTexts.WaitingHow,
        ShopOrderState.Paid => ShopTexts.PaidHow,
        ShopOrderState.Closed => ShopTexts.ClosedHow,
        _ => ShopTexts.FailedHow,
    });

    /// <summary>Shows it.</summary>
    public IActionResult OnGet(string outTradeNo)
    {
        if (orders.Find(outTradeNo) is not { } order)
        {
            return UnknownPage();
        }

        Order = order;
        return Page();
    }

    /// <summary>Asks the gateway once more for an order that it did not take.</summary>
    public async Task<IActionResult> OnPostPayAsync(string outTradeNo)
    {
        if (orders.Find(outTradeNo) is not { } order)
        {
            return UnknownPage();
        }

        var started = await checkout.StartAsync(order);
        return new SeeOther(started.CashierUrl.Length > 0 ? started.CashierUrl : $"/shop/orders/{started.OutTradeNo}");
    }

    private IActionResult UnknownPage() =>
        new Notice(StatusCodes.Status404NotFound, ShopTexts.UnknownTitle, ShopTexts.UnknownHow)
        {
            Link = "/shop/orders",
            LinkText = ShopTexts.OrdersTitle,
        }.In(Language);
}
