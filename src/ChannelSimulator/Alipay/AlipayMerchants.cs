using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace PayCore.ChannelSimulator;

/// <summary>The applications that have a contract with the simulated Alipay.</summary>
public sealed class AlipayMerchants
{
    /// <summary>An Alipay certificate lives about five years (alipay.md 2.3).</summary>
    private const int AlipayCertDays = 1825;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, AlipayMerchant> _merchants = [];
    private readonly SimulatedKeys _keys;
    private readonly AlipayAuthority _authority;
    private readonly TimeProvider _time;
    private readonly string? _file;

    internal AlipayMerchants(SimulatedKeys keys, AlipayAuthority authority, TimeProvider time, IOptions<SimulatorOptions> options)
    {
        _keys = keys;
        _authority = authority;
        _time = time;
        if (options.Value.DataFolder is not { } folder)
        {
            return;
        }

        Directory.CreateDirectory(folder);
        _file = Path.Combine(folder, "alipay-merchants.json");
        if (File.Exists(_file))
        {
            foreach (var stored in JsonSerializer.Deserialize<StoredAlipayMerchant[]>(File.ReadAllBytes(_file), SimulatorJson.Options)!)
            {
                _keys.Keep(stored.AlipayKeyPem);
                _merchants[stored.Registration.AppId] = new AlipayMerchant(stored);
            }
        }
    }

    /// <summary>The serial of the root file, as a call in certificate mode names it.</summary>
    internal string RootSerial => _authority.RootSerial;

    /// <summary>
    /// Registers an application, or renews what is known of it. Our key stays the same, and so do the certificates unless the application's key or the days
    /// of its certificate have changed.
    /// </summary>
    public RegisteredAlipayMerchant Register(AlipayMerchantRegistration registration)
    {
        ArgumentNullException.ThrowIfNull(registration);
        Check(registration);
        lock (_lock)
        {
            var known = _merchants.GetValueOrDefault(registration.AppId)?.Stored;
            var stored = new StoredAlipayMerchant
            {
                Registration = registration,
                AlipayKeyPem = known?.AlipayKeyPem ?? _keys.Next(),
                AppCert = known?.AppCert,
                AlipayCerts = known?.AlipayCerts ?? [],
            };
            if (registration.Mode == "certificate")
            {
                var same = known?.Registration.AppPublicKey == registration.AppPublicKey && known.Registration.AppCertDays == registration.AppCertDays;
                stored = stored with
                {
                    AppCert = same && stored.AppCert is { } appCert ? appCert : NewAppCert(registration),
                    AlipayCerts = stored.AlipayCerts.Count > 0 ? stored.AlipayCerts : [NewAlipayCert(stored)],
                };
            }

            return Keep(stored);
        }
    }

    /// <summary>Gives an application in certificate mode a new Alipay certificate: the key stays, the serial changes (alipay.md 2.3).</summary>
    /// <exception cref="KeyNotFoundException">There is no such application.</exception>
    /// <exception cref="InvalidOperationException">It is in key mode.</exception>
    public RegisteredAlipayMerchant RenewCertificate(string appId)
    {
        lock (_lock)
        {
            var stored = _merchants.GetValueOrDefault(appId)?.Stored ?? throw new KeyNotFoundException("There is no such application.");
            return stored.Registration.Mode == "certificate"
                ? Keep(stored with { AlipayCerts = [.. stored.AlipayCerts, NewAlipayCert(stored)] })
                : throw new InvalidOperationException("The application is in key mode: there is no certificate.");
        }
    }

    internal AlipayMerchant? Find(string appId)
    {
        lock (_lock)
        {
            return _merchants.GetValueOrDefault(appId);
        }
    }

    private static void Check(AlipayMerchantRegistration registration)
    {
        if (registration.AppId.Length is 0 or > 32 || !registration.AppId.All(char.IsAsciiDigit))
        {
            throw new ArgumentException("The app id has at most 32 digits.", nameof(registration));
        }

        if (registration.Pid.Length != 16 || !registration.Pid.StartsWith("2088", StringComparison.Ordinal) || !registration.Pid.All(char.IsAsciiDigit))
        {
            throw new ArgumentException("The pid is 2088 and 12 digits.", nameof(registration));
        }

        if (registration.Mode is not ("key" or "certificate"))
        {
            throw new ArgumentException("The mode is key or certificate.", nameof(registration));
        }
    }

    private static byte[] PublicKeyOf(string pem)
    {
        using var rsa = RSA.Create();
        rsa.ImportFromPem(pem);
        return rsa.ExportSubjectPublicKeyInfo();
    }

    private AlipayCertificate NewAppCert(AlipayMerchantRegistration registration) => _authority.Issue(
        registration.AppId, AlipayMerchant.KeyBytes(registration.AppPublicKey), _time.GetUtcNow().AddDays(registration.AppCertDays));

    private AlipayCertificate NewAlipayCert(StoredAlipayMerchant stored) => _authority.Issue(
        "Alipay " + stored.Registration.AppId, PublicKeyOf(stored.AlipayKeyPem), _time.GetUtcNow().AddDays(AlipayCertDays));

    private RegisteredAlipayMerchant Keep(StoredAlipayMerchant stored)
    {
        // The key is read first: what cannot be used is not kept.
        var merchant = new AlipayMerchant(stored);
        _merchants[stored.Registration.AppId] = merchant;
        if (_file is not null)
        {
            SecretFile.Write(_file, SimulatorJson.Bytes(_merchants.Values.Select(m => m.Stored).ToArray()));
        }

        return merchant.ByCertificate
            ? new RegisteredAlipayMerchant
            {
                AppCert = stored.AppCert!.Pem,
                AlipayCert = merchant.AlipayCert!.Pem + _authority.IssuerPem,
                AlipayRootCert = _authority.RootsPem,
            }
            : new RegisteredAlipayMerchant { AlipayPublicKey = Convert.ToBase64String(PublicKeyOf(stored.AlipayKeyPem)) };
    }
}
