using System.Globalization;
using Microsoft.Extensions.Options;
using PayCore.PayCenter.Shop;
using PayCore.PayCenter.Web;

namespace PayCore.PayCenter.Pages;

/// <summary>A page of the shop.</summary>
internal abstract class ShopPage(IOptions<PayCenterOptions> options) : CenterPage
{
    /// <summary>What the tab says.</summary>
    public abstract string Title { get; }

    /// <summary>The page asks again by itself after these seconds; 0 means never.</summary>
    public virtual int RefreshSeconds => 0;

    /// <summary>The shop's forms lead to the cashier, which browsers may reach under its public address.</summary>
    public override string ContentSecurityPolicy => SecurityHeaders.PolicyWithFormsTo(options.Value.PublicBaseUrl);

    /// <summary>How an order stands, in words.</summary>
    public string StateOf(ShopOrder order) => Say(order.State switch
    {
        ShopOrderState.NotStarted => ShopTexts.NotStarted,
        ShopOrderState.Waiting => ShopTexts.Waiting,
        ShopOrderState.Paid => ShopTexts.Paid,
        ShopOrderState.Closed => ShopTexts.Closed,
        _ => ShopTexts.Failed,
    });

    /// <summary>A moment as the shop writes it.</summary>
    public static string Moment(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
