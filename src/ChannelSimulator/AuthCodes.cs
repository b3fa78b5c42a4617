namespace PayCore.ChannelSimulator;

/// <summary>A payment code that a wallet shows.</summary>
internal sealed record AuthCode
{
    public required string Code { get; init; }

    public required string Payer { get; init; }

    public required DateTimeOffset Until { get; init; }

    /// <summary>Whether it asks for the password whatever the amount.</summary>
    public bool AsksPassword { get; init; }

    /// <summary>The code of the error by which the payment fails; null for none.</summary>
    public string? Refusal { get; init; }
}

/// <summary>The payment codes of one provider's wallets. Each pays once, within the minute after which a wallet shows another.</summary>
internal sealed class AuthCodes(TimeProvider time, SimulatorRandom random, string prefix, int digits)
{
    private static readonly TimeSpan _life = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, AuthCode> _codes = [];

    public AuthCode New(string payer, bool asksPassword, string? refusal)
    {
        var code = new AuthCode
        {
            Code = prefix + random.Digits(digits),
            Payer = payer,
            Until = time.GetUtcNow() + _life,
            AsksPassword = asksPassword,
            Refusal = refusal,
        };
        lock (_lock)
        {
            _codes[code.Code] = code;
        }

        return code;
    }

    /// <summary>The code, which then works no more; null when there is none or it is too old.</summary>
    public AuthCode? Take(string code)
    {
        lock (_lock)
        {
            return _codes.Remove(code, out var found) && time.GetUtcNow() < found.Until ? found : null;
        }
    }
}
