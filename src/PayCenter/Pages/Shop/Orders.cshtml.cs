using Microsoft.Extensions.Options;
using PayCore.PayCenter.Shop;

namespace PayCore.PayCenter.Pages;

/// <summary>The newest orders.</summary>
internal sealed class OrdersModel(IShopOrders orders, IOptions<PayCenterOptions> options) : ShopPage(options)
{
    private const int CountMax = 50;

    /// <inheritdoc/>
    public override string Title => Say(ShopTexts.OrdersTitle);

    /// <summary>Newest first.</summary>
    public IReadOnlyList<ShopOrder> Newest => orders.Newest(CountMax);
}
