using System.Globalization;
using System.Text.Json;

namespace PayCore.EndToEnd.Tests.Support;

/// <summary>An order in a provider's book.</summary>
/// <param name="Account">The mchid or the app_id.</param>
/// <param name="Number">Our attempt no.</param>
/// <param name="State">In the provider's words.</param>
/// <param name="Total">In fen.</param>
/// <param name="Until">The end of the time to pay.</param>
public sealed record BookedOrder(string Account, string Number, string State, long Total, DateTimeOffset? Until)
{
    /// <summary>Its buyer could pay it at this moment.</summary>
    public bool CanBePaid(DateTimeOffset now) => State is "NOTPAY" or "USERPAYING" or "WAIT_BUYER_PAY" or "" && !(Until < now);
}

/// <summary>The books of both simulated providers at one moment, as their control API shows them.</summary>
public sealed class ProviderBooks
{
    private readonly Dictionary<string, BookedOrder> _orders;
    private readonly ILookup<(string Kind, string Number), long> _movements;
    private readonly ILookup<string, long> _refunds;

    private ProviderBooks(IReadOnlyList<BookedOrder> orders, ILookup<(string Kind, string Number), long> movements, ILookup<string, long> refunds) =>
        (_orders, _movements, _refunds) = (orders.ToDictionary(o => o.Number), movements, refunds);

    /// <summary>Every order.</summary>
    public IEnumerable<BookedOrder> Orders => _orders.Values;

    /// <summary>Reads them.</summary>
    public static async Task<ProviderBooks> ReadAsync(Uri simulator)
    {
        using var client = new HttpClient();
        using var json = JsonDocument.Parse(await client.GetStringAsync(new Uri(simulator, "/control/ledger")));
        JsonElement[] books = [json.RootElement, json.RootElement.GetProperty("alipay")];
        return new ProviderBooks(
            [.. books.SelectMany(b => b.GetProperty("orders").EnumerateArray()).Select(Order)],
            books.SelectMany(b => b.GetProperty("accounts").EnumerateArray())
                .ToLookup(e => (Text(e, "kind"), Text(e, "number")), e => e.GetProperty("amount").GetInt64()),
            books.SelectMany(b => b.GetProperty("refunds").EnumerateArray()).Where(r => Text(r, "state") == "SUCCESS")
                .ToLookup(r => Text(r, "out_trade_no"), r => r.GetProperty("amount").GetInt64()));
    }

    /// <summary>The order of a number; null when the provider has none.</summary>
    public BookedOrder? Find(string number) => _orders.GetValueOrDefault(number);

    /// <summary>Whether money came for it.</summary>
    public bool IsPaid(string number) => Moved("payment", number).Any();

    /// <summary>What was moved for a number in this way: one amount when it moved once.</summary>
    public IEnumerable<long> Moved(string kind, string number) => _movements[(kind, number)];

    /// <summary>What went back to the payer of an order.</summary>
    public long GivenBack(string number) => _refunds[number].Sum();

    private static BookedOrder Order(JsonElement order) => new(
        Text(order, order.TryGetProperty("mchid", out _) ? "mchid" : "app_id"), Text(order, "out_trade_no"),
        Text(order, order.TryGetProperty("mchid", out _) ? "state" : "trade_status"), order.GetProperty("total").GetInt64(),
        Text(order, "time_expire") is { Length: > 0 } until ? DateTimeOffset.Parse(until, CultureInfo.InvariantCulture) : null);

    private static string Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.ToString() : "";
}
