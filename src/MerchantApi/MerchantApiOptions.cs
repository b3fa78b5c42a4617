namespace PayCore.MerchantApi;

/// <summary>The settings of the merchant API.</summary>
public sealed class MerchantApiOptions
{
    /// <summary>The largest request body, in bytes. Default 65,536.</summary>
    public int BodyBytesMax { get; set; } = 64 * 1024;

    /// <summary>How many nonces an instance remembers at most. Default 1,000,000, about 70 MB when full; the oldest goes first.</summary>
    public int NoncesMax { get; set; } = 1_000_000;

    /// <summary>
    /// The path under which all REST methods stand; an unknown address below it is answered in the error shape. Default <c>/v1</c>.
    /// </summary>
    public string RestPrefix { get; set; } = "/v1";
}
