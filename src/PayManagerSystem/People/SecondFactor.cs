using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using OtpNet;
using PayCore.Configuration;
using PayCore.ServiceDefaults;
using QRCoder;

namespace PayCore.PayManagerSystem.People;

/// <summary>One-time codes by time (RFC 6238: SHA-1, 6 digits, 30 seconds, as every authenticator app takes) and the recovery codes for when the phone is lost.</summary>
internal sealed class SecondFactor(DocumentSeals seals, RandomSource random, TimeProvider time)
{
    private const int SecretBytes = 20;
    private const int RecoveryCodes = 10;
    private const int RecoveryCharacters = 12;
    private const string Letters = "23456789abcdefghjkmnpqrstuvwxyz";
    private const string Folder = "operators";
    private const string Member = "totp_secret";

    private static readonly DocumentSecrets _secrets = new(new HashSet<string> { Member });

    /// <summary>A new secret in base 32.</summary>
    public string NewSecret()
    {
        var bytes = new byte[SecretBytes];
        random.Fill(bytes);
        return Base32Encoding.ToString(bytes);
    }

    /// <summary>Recovery codes as they are shown, once.</summary>
    public IReadOnlyList<string> NewRecoveryCodes() => [.. Enumerable.Range(0, RecoveryCodes).Select(_ => NewRecoveryCode())];

    /// <summary>What the records have of a recovery code. 58 random bits need no slow hash.</summary>
    public static string HashOf(string recoveryCode) =>
        SessionCookie.HashOf(new string([.. recoveryCode.ToLowerInvariant().Where(Letters.Contains)]));

    /// <summary>The time step that a code is of: now, the one before or the next. Null: it is wrong.</summary>
    public long? StepOf(string secret, string code)
    {
        var digits = new string([.. code.Where(char.IsAsciiDigit)]);
        var totp = new Totp(Base32Encoding.ToBytes(secret));
        return digits.Length == 6 && totp.VerifyTotp(time.GetUtcNow().UtcDateTime, digits, out var step, new VerificationWindow(1, 1)) ? step : null;
    }

    /// <summary>What an authenticator app reads, as a picture.</summary>
    public static string QrCodeSvg(string secret, string name)
    {
        var text = $"otpauth://totp/PayCore:{Uri.EscapeDataString(name)}?secret={secret}&issuer=PayCore";
        using var data = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M);
        using var code = new SvgQRCode(data);
        return code.GetGraphic(4, "#000000", "#ffffff", drawQuietZones: true, SvgQRCode.SizingMode.ViewBoxAttribute);
    }

    /// <summary>The secret as it is kept: under the master key where there is one.</summary>
    public string Seal(string operatorId, string secret)
    {
        var document = Encoding.UTF8.GetBytes(new JsonObject { [Member] = secret }.ToJsonString());
        return Read(seals.Seal(Folder, operatorId, document, _secrets));
    }

    /// <summary>The secret.</summary>
    public string Open(string operatorId, string kept) => Read(seals.Open(Folder, operatorId, Encoding.UTF8.GetBytes(new JsonObject { [Member] = kept }.ToJsonString())));

    private static string Read(ReadOnlyMemory<byte> document) => (string)JsonNode.Parse(document.Span)![Member]!;

    private string NewRecoveryCode()
    {
        // 31 letters and a byte's 256: what is above 248 is drawn again, so that no letter comes more often.
        var code = new StringBuilder();
        Span<byte> one = stackalloc byte[1];
        while (code.Length < RecoveryCharacters)
        {
            random.Fill(one);
            if (one[0] < 256 / Letters.Length * Letters.Length)
            {
                code.Append(Letters[one[0] % Letters.Length]);
            }
        }

        CryptographicOperations.ZeroMemory(one);
        return $"{code.ToString(0, 4)}-{code.ToString(4, 4)}-{code.ToString(8, 4)}";
    }
}
