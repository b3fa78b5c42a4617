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
                _merchants[stored.Registration.MchId] = new WechatMerchant(stored.Registration, stored.Keys);
            }
        }
    }

    /// <summary>Registers a merchant, or renews what is known of it; its platform keys stay the same.</summary>
    public RegisteredWechatMerchant Register(WechatMerchantRegistration registration)
    {
        ArgumentNullException.ThrowIfNull(registration);
        if (registration.ApiV3Key.Length != 32 || registration.ApiV3Key.Any(c => !char.IsAsciiLetterOrDigit(c)))
        {
            throw new ArgumentException("The APIv3 key has 32 letters and digits.", nameof(registration));
        }

        lock (_lock)
        {
            var keys = _merchants.GetValueOrDefault(registration.MchId)?.Keys.ToList() ?? [_keys.NewPublicKey()];
            if (registration.PlatformCertificate && keys.All(k => k.CertificatePem is null))
            {
                keys.Add(_keys.NewCertificate());
            }

            var merchant = new WechatMerchant(registration, keys);
            _merchants[registration.MchId] = merchant;
            Save();
            return new RegisteredWechatMerchant { PublicKeyId = merchant.PublicKey.Serial, PublicKeyPem = merchant.PublicKey.PublicKeyPem };
        }
    }

    internal WechatMerchant? Find(string mchId)
    {
        lock (_lock)
        {
            return _merchants.GetValueOrDefault(mchId);
        }
    }

    private void Save()
    {
        if (_file is null)
        {
            return;
        }

        SecretFile.Write(_file, SimulatorJson.Bytes(_merchants.Values.Select(m => new StoredMerchant(m.Registration, m.Keys)).ToArray()));
    }

    private sealed record StoredMerchant(WechatMerchantRegistration Registration, IReadOnlyList<PlatformKey> Keys);
}
