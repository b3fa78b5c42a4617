using Grpc.Core;
using PayCore.MerchantApi;

namespace PayCore.Configuration;

/// <summary>The merchants' apps as callers: whose keys verify, and who may call. Reading is free of locks and I/O.</summary>
public sealed class MerchantApps(IConfigDocuments<MerchantApp> documents) : IMerchantKeys
{
    /// <summary>The app, or null.</summary>
    public MerchantApp? Find(string appId) => documents.Find(appId);

    /// <summary>The app, which must be enabled.</summary>
    /// <exception cref="RpcException">PERMISSION_DENIED, APP_DISABLED.</exception>
    public MerchantApp Demand(string appId) => documents.Find(appId) is { Enabled: true } app
        ? app
        : throw PayErrors.Refuse(StatusCode.PermissionDenied, ErrorReason.AppDisabled, "The app is not known or switched off.");

    /// <inheritdoc/>
    public MerchantKey? Find(string appId, string keyId) =>
        documents.Find(appId) is { Enabled: true } app ? app.ParsedKeys.GetValueOrDefault(keyId) : null;
}
