namespace PayCore.PayDatabase.Seeding;

/// <summary>What to fill a database with: how much, over which days, and in whose words.</summary>
public sealed record SeedPlan
{
    /// <summary>How many orders.</summary>
    public required int Orders { get; init; }

    /// <summary>The same number gives the same data, but for its times.</summary>
    public required long Number { get; init; }

    /// <summary>The days up to now that the orders are spread over.</summary>
    public int Days { get; init; } = 60;

    /// <summary>Adds to what is there. Otherwise a database that has orders is refused.</summary>
    public bool Add { get; init; }

    /// <summary>Who sells.</summary>
    public required IReadOnlyList<SeedShop> Shops { get; init; }

    /// <summary>How users pay.</summary>
    public required IReadOnlyList<SeedWay> Ways { get; init; }
}

/// <summary>A merchant's app.</summary>
/// <param name="AppId">The app.</param>
/// <param name="MerchantId">Whose it is.</param>
/// <param name="Weight">Its share of the orders.</param>
/// <param name="Currency">What it sells in.</param>
/// <param name="TypicalMinor">What an order is about, in minor units.</param>
/// <param name="Subjects">What it sells.</param>
/// <param name="Webhook">Where its events go; empty: nowhere. It is never called: nothing is left due for it.</param>
/// <param name="Reliability">The share of notifications that its server acknowledges at once.</param>
public sealed record SeedShop(
    string AppId, string MerchantId, double Weight, string Currency, long TypicalMinor, IReadOnlyList<string> Subjects, string Webhook, double Reliability);

/// <summary>A wallet and scene with the account that it goes to.</summary>
/// <param name="Method">The wallet.</param>
/// <param name="Channel">The channel.</param>
/// <param name="Account">The account.</param>
/// <param name="Scene">How the user pays, in the contract's word.</param>
/// <param name="Weight">Its share of the attempts.</param>
/// <param name="Refusals">What the provider refuses with, the most frequent first.</param>
/// <param name="RefundRefusal">What it refuses a refund with.</param>
/// <param name="TransferRefusal">What it refuses a transfer with.</param>
public sealed record SeedWay(
    string Method, string Channel, string Account, string Scene, double Weight, IReadOnlyList<SeedWords> Refusals, SeedWords RefundRefusal, SeedWords TransferRefusal);

/// <summary>A provider's code with its words.</summary>
/// <param name="Code">The code.</param>
/// <param name="Message">The words.</param>
public sealed record SeedWords(string Code, string Message);

/// <summary>What a database was filled with.</summary>
/// <param name="Orders">Orders.</param>
/// <param name="Paid">Those that were paid.</param>
/// <param name="Refunds">Refunds.</param>
/// <param name="Transfers">Transfers.</param>
/// <param name="Rows">Rows of all tables.</param>
public sealed record SeedResult(int Orders, int Paid, int Refunds, int Transfers, long Rows);
