using System.Text.Json.Serialization;

namespace PayCore.PayCenter.Cashier;

/// <summary>How an order stands, for the page's script.</summary>
/// <param name="State">The order's state by its name in the contract.</param>
/// <param name="Screen">What the page should be showing.</param>
/// <param name="Key">Differs from the page's own when the page is out of date.</param>
/// <param name="SecondsLeft">Whole seconds until what is shown cannot be paid any more.</param>
internal sealed record CashierStatus(
    [property: JsonPropertyName("state")] string State,
    [property: JsonPropertyName("screen")] string Screen,
    [property: JsonPropertyName("key")] string Key,
    [property: JsonPropertyName("seconds_left")] int SecondsLeft)
{
    /// <summary>What the script is told of a view.</summary>
    public static CashierStatus Of(CashierView view) =>
        new(view.Order.State.ToString().ToUpperInvariant(), view.Screen.ToString(), view.Key, view.SecondsLeft);
}
