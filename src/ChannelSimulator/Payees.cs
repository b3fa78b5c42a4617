namespace PayCore.ChannelSimulator;

/// <summary>What a provider knows of somebody who can be paid.</summary>
public sealed record Payee
{
    /// <summary>The account: an openid at WeChat Pay, the identity at Alipay.</summary>
    public required string Account { get; init; }

    /// <summary>The true name; null for one that goes by any.</summary>
    public string? Name { get; init; }

    /// <summary>Why this account cannot be paid, as the provider says it: a fail_reason or a sub_code; null when it can.</summary>
    public string? Refusal { get; init; }
}

/// <summary>Who can be paid. Of an account that nobody has told about nothing is wrong.</summary>
public sealed class Payees
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Payee> _payees = [];

    internal Payees()
    {
    }

    /// <summary>Adds a payee, or changes what is known of it.</summary>
    public void Set(Payee payee)
    {
        ArgumentNullException.ThrowIfNull(payee);
        lock (_lock)
        {
            _payees[payee.Account] = payee;
        }
    }

    /// <summary>Why this account cannot be paid under this name; null when it can.</summary>
    internal string? Refusal(string account, string? name, string otherName)
    {
        lock (_lock)
        {
            return _payees.GetValueOrDefault(account) switch
            {
                { Refusal: { } refusal } => refusal,
                { Name: { } known } when name is not null && name != known => otherName,
                _ => null,
            };
        }
    }
}
