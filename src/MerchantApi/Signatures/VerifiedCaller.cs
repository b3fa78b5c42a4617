namespace PayCore.MerchantApi;

/// <summary>
/// Who made the request, as its verified signature says. The signature middleware puts it among the request's features; a field of a
/// message may only agree with it.
/// </summary>
/// <param name="AppId">The calling app.</param>
/// <param name="KeyId">The key that signed, within the app.</param>
public sealed record VerifiedCaller(string AppId, string KeyId);
