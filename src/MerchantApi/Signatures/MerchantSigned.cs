namespace PayCore.MerchantApi;

/// <summary>
/// Marks an endpoint, a gRPC service or one of its methods: a request is served only when a merchant's key signed it. The mark is metadata
/// of the endpoint; <see cref="MerchantSignatureMiddleware"/> acts on it.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class MerchantSignedAttribute : Attribute;
