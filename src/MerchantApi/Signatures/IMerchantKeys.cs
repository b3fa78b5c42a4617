namespace PayCore.MerchantApi;

/// <summary>Where the keys of the merchants are looked up. Called for each request, from many threads: answer from memory.</summary>
public interface IMerchantKeys
{
    /// <summary>Finds a key.</summary>
    /// <param name="appId">The app named by the message.</param>
    /// <param name="keyId">The key named by the message.</param>
    /// <returns>
    /// The key, or nothing when app or key is unknown or the app is disabled. A key outside its dates is returned; the verifier refuses it.
    /// </returns>
    MerchantKey? Find(string appId, string keyId);
}
