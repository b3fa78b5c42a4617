using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace PayCore.ChannelSimulator;

/// <summary>A merchant as the provider's console knows it.</summary>
public sealed record WechatMerchantRegistration
{
    /// <summary>The merchant number, 8 to 10 digits.</summary>
    public required string MchId { get; init; }

    /// <summary>The AppID bound to it.</summary>
    public required string AppId { get; init; }

    /// <summary>The payee's name, shown to payers.</summary>
    public string Name { get; init; } = "";

    /// <summary>Serial number of the merchant API certificate.</summary>
    public required string MerchantSerialNo { get; init; }

    /// <summary>The merchant's public key, SubjectPublicKeyInfo in PEM.</summary>
    public required string MerchantPublicKeyPem { get; init; }

    /// <summary>The APIv3 key, 32 characters. Secret.</summary>
    public required string ApiV3Key { get; init; }
}

/// <summary>What the merchant downloads from the provider's console.</summary>
/// <param name="PublicKeyId"><c>PUB_KEY_ID_…</c>.</param>
/// <param name="PublicKeyPem">The key that verifies answers and callbacks.</param>
public sealed record RegisteredWechatMerchant(string PublicKeyId, string PublicKeyPem);

/// <summary>The simulated provider's merchants, with the platform key that signs towards each.</summary>
public sealed class WechatMerchants
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, WechatMerchant> _merchants = new(StringComparer.Ordinal);
    private readonly SimulatorRandom _random;
    private readonly string? _file;

    /// <summary>Loads what an earlier run registered.</summary>
    public WechatMerchants(IOptions<SimulatorOptions> options, SimulatorRandom random)
    {
        ArgumentNullException.ThrowIfNull(options);
        _random = random;
        if (options.Value.DataFolder is not { } folder)
        {
            return;
        }

        Directory.CreateDirectory(folder);
        _file = Path.Combine(folder, "wechat-merchants.json");
        if (File.Exists(_file))
        {
            foreach (var stored in JsonSerializer.Deserialize<List<Stored>>(File.ReadAllText(_file))!)
            {
                _merchants[stored.Registration.MchId] = new WechatMerchant(stored.Registration, stored.PublicKeyId, stored.PlatformKeyPem);
            }
        }
    }

    /// <summary>
    /// Registers a merchant, or changes one that is registered; its platform key stays. Answers what the merchant side needs.
    /// </summary>
    public RegisteredWechatMerchant Register(WechatMerchantRegistration registration)
    {
        ArgumentNullException.ThrowIfNull(registration);
        lock (_gate)
        {
            var known = _merchants.GetValueOrDefault(registration.MchId);
            var merchant = known is null
                ? new WechatMerchant(registration, $"PUB_KEY_ID_{_random.Digits(32)}", NewKeyPem())
                : new WechatMerchant(registration, known.PublicKeyId, known.PlatformKeyPem);
            _merchants[registration.MchId] = merchant;
            Save();
            return new RegisteredWechatMerchant(merchant.PublicKeyId, merchant.PlatformPublicKeyPem);
        }
    }

    internal WechatMerchant? Find(string? mchId)
    {
        lock (_gate)
        {
            return mchId is null ? null : _merchants.GetValueOrDefault(mchId);
        }
    }

    private static string NewKeyPem()
    {
        using var key = RSA.Create(2048);
        return key.ExportPkcs8PrivateKeyPem();
    }

    private void Save()
    {
        if (_file is null)
        {
            return;
        }

        var half = _file + ".new";
        File.WriteAllText(half, JsonSerializer.Serialize(_merchants.Values.Select(m => new Stored(m.Registration, m.PublicKeyId, m.PlatformKeyPem)).ToList()));
        File.SetUnixFileMode(half, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.Move(half, _file, overwrite: true);
    }

    private sealed record Stored(WechatMerchantRegistration Registration, string PublicKeyId, string PlatformKeyPem);
}

/// <summary>A registered merchant with its keys parsed.</summary>
internal sealed class WechatMerchant
{
    private readonly RSA _merchantKey = RSA.Create();
    private readonly RSA _platformKey = RSA.Create();

    public WechatMerchant(WechatMerchantRegistration registration, string publicKeyId, string platformKeyPem)
    {
        Registration = registration;
        PublicKeyId = publicKeyId;
        PlatformKeyPem = platformKeyPem;
        _merchantKey.ImportFromPem(registration.MerchantPublicKeyPem);
        _platformKey.ImportFromPem(platformKeyPem);
    }

    public WechatMerchantRegistration Registration { get; }

    public string PublicKeyId { get; }

    public string PlatformKeyPem { get; }

    public string PlatformPublicKeyPem => _platformKey.ExportSubjectPublicKeyInfoPem();

    public bool Verifies(byte[] message, byte[] signature) =>
        _merchantKey.VerifyData(message, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

    public string Sign(byte[] message) =>
        Convert.ToBase64String(_platformKey.SignData(message, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
}
