using System.Globalization;
using Microsoft.Extensions.Options;
using PayCore.PayCenter.Web;
using PayCore.ServiceDefaults;

namespace PayCore.PayCenter.Shop;

/// <summary>How the shop sells: save the order, ask the gateway, send the buyer to its page.</summary>
internal sealed class ShopCheckout(IShopOrders orders, ShopApi api, RandomSource random, TimeProvider time, IOptions<PayCenterOptions> options)
{
    private const int NumberLengthMax = 40;

    /// <summary>The ways to pay that the shop offers, the choice at the cashier last.</summary>
    public IReadOnlyList<ShopWay> Ways { get; } =
        [.. options.Value.Shop!.Ways.DefaultIfEmpty("wechat.QR").Select(w => ShopWay.Parse(w)!), ShopWay.Choose];

    /// <summary>A number for a page's form: whatever that page orders, it orders once.</summary>
    public string NewNumber() => string.Create(CultureInfo.InvariantCulture, $"S{time.GetUtcNow():yyMMdd}{FormNumber.New(random, 16)}");

    /// <summary>Orders goods under a form's number.</summary>
    /// <param name="number">From the form; a page's goods and ways to pay get numbers of their own from it.</param>
    /// <param name="goods">What is bought.</param>
    /// <param name="way">How the buyer wants to pay; one of <see cref="Ways"/> or the choice at the cashier.</param>
    /// <param name="language">The buyer's.</param>
    /// <returns>The order, with the gateway's page when it was taken; null when the number is none of ours.</returns>
    public async Task<ShopOrder?> BuyAsync(string number, Goods goods, ShopWay way, Language language)
    {
        if (number.Length is 0 or > NumberLengthMax || !number.All(char.IsAsciiLetterOrDigit))
        {
            return null;
        }

        var order = await orders.AddAsync(new ShopOrder
        {
            OutTradeNo = $"{number}-{goods.Id}-{way.Name.Replace('.', '-')}",
            Subject = goods.Name.In(language),
            AmountMinor = goods.AmountMinor,
            Currency = Goods.Currency,
            Method = way.Method,
            Scene = way.Scene,
            CreateTime = time.GetUtcNow(),
        });
        return await StartAsync(order);
    }

    /// <summary>Asks the gateway for an order's page, again if need be: same number, same content.</summary>
    public async Task<ShopOrder> StartAsync(ShopOrder order)
    {
        if (order.State != ShopOrderState.NotStarted)
        {
            return order;
        }

        if (await api.CreateOrderAsync(order) is { } cashierUrl)
        {
            await orders.OpenAsync(order.OutTradeNo, cashierUrl);
        }

        return orders.Find(order.OutTradeNo) ?? order;
    }
}
