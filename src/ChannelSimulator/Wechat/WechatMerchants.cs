using System.Text.Json;
using Microsoft.Extensions.Options;

namespace PayCore.ChannelSimulator;

/// <summary>The merchants that have a contract with the simulated provider.</summary>
public sealed class WechatMerchants
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, WechatMerchant> _merchants = [];
    private readonly PlatformKeyFactory _keys;
    private readonly string? _file;

    internal WechatMerchants(PlatformKeyFactory keys, IOptions<SimulatorOptions> options)
    {
        _keys = keys;
        if (options.Value.DataFolder is not { } folder)
        {
            return;
        }

        Directory.CreateDirectory(folder);
        _file = Path.Combine(folder, "wechat-merchants.json");
        if (File.Exists(_file))
        {
            foreach (var stored in JsonSerializer.Deserialize<StoredMerchant[]>(File.ReadAllBytes(_file), SimulatorJson.Options)!)
            {
                stored.Keys.ToList().ForEach(_keys.Keep);
                _merchants[stored.Registration.MchId] = new WechatMerchant(stored.Registration, stored.Keys);
            }
        }
    }

    /// <summary>Registers a merchant, or renews what is known of it; its platform keys stay the same.</summary>
    public RegisteredWechatMerchant Register(WechatMerchantRegistration registration)
    {
        ArgumentNullException.ThrowIfNull(registration);
        lock (_lock)
        {
            var keys = _merchants.GetValueOrDefault(registration.MchId)?.Keys ?? [_keys.NewPublicKey()];
            var merchant = Keep(registration, WithCertificate(registration.KeyMode, keys));
            return new RegisteredWechatMerchant { PublicKeyId = merchant.PublicKey.Serial, PublicKeyPem = merchant.PublicKey.PublicKeyPem };
        }
    }

    /// <summary>Changes a merchant's key mode, and rotates its certificates. Not safe to repeat: each rotation adds a certificate.</summary>
    /// <exception cref="KeyNotFoundException">There is no such merchant.</exception>
    /// <exception cref="InvalidOperationException">Certificates are to change in public-key mode.</exception>
    public WechatKeys ChangeKeys(WechatKeyChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        lock (_lock)
        {
            var known = _merchants.GetValueOrDefault(change.MchId) ?? throw new KeyNotFoundException("There is no such merchant.");
            var registration = known.Registration with
            {
                KeyMode = change.Mode ?? known.Registration.KeyMode,
                MigrationPercent = change.Percent ?? known.Registration.MigrationPercent,
            };
            if (registration.KeyMode == WechatKeyMode.PublicKey && (change.Rotate || change.Retire))
            {
                throw new InvalidOperationException("The merchant is in public-key mode: there is no certificate.");
            }

            var keys = WithCertificate(registration.KeyMode, known.Keys);
            keys = change.Rotate ? [.. keys, _keys.NewCertificate(TimeSpan.FromSeconds(change.SignsAfterSeconds), change.CertificateDays)] : keys;
            keys = change.Retire ? [.. keys.Where(k => k.Certificate is null || k == keys[^1])] : keys;
            var merchant = Keep(registration, keys);
            return new WechatKeys
            {
                Mode = registration.KeyMode,
                Percent = registration.MigrationPercent,
                PublicKeyId = merchant.PublicKey.Serial,
                Certificates = [.. merchant.Certificates.Select(k => k.Serial)],
            };
        }
    }

    internal WechatMerchant? Find(string mchId)
    {
        lock (_lock)
        {
            return _merchants.GetValueOrDefault(mchId);
        }
    }

    private static void Check(WechatMerchantRegistration registration)
    {
        if (registration.ApiV3Key.Length != 32 || registration.ApiV3Key.Any(c => !char.IsAsciiLetterOrDigit(c)))
        {
            throw new ArgumentException("The APIv3 key has 32 letters and digits.", nameof(registration));
        }

        if (!Enum.IsDefined(registration.KeyMode))
        {
            throw new ArgumentException("The key mode is public_key, certificate or migration.", nameof(registration));
        }

        if (registration.MigrationPercent is < 0 or > 100)
        {
            throw new ArgumentException("The share of the migration is 0 to 100 percent.", nameof(registration));
        }
    }

    /// <summary>With a certificate, where the mode needs one and there is none yet. The newest is always the last.</summary>
    private IReadOnlyList<PlatformKey> WithCertificate(WechatKeyMode mode, IReadOnlyList<PlatformKey> keys) =>
        mode == WechatKeyMode.PublicKey || keys.Any(k => k.Certificate is not null) ? keys : [.. keys, _keys.NewCertificate(TimeSpan.Zero)];

    private WechatMerchant Keep(WechatMerchantRegistration registration, IReadOnlyList<PlatformKey> keys)
    {
        Check(registration);
        var merchant = new WechatMerchant(registration, keys);
        _merchants[registration.MchId] = merchant;
        if (_file is not null)
        {
            SecretFile.Write(_file, SimulatorJson.Bytes(_merchants.Values.Select(m => new StoredMerchant(m.Registration, m.Keys)).ToArray()));
        }

        return merchant;
    }

    private sealed record StoredMerchant(WechatMerchantRegistration Registration, IReadOnlyList<PlatformKey> Keys);
}
