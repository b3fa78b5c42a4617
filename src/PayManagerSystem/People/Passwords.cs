using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Threading.RateLimiting;
using PayCore.PayManagerSystem.Web;
using PayCore.ServiceDefaults;

namespace PayCore.PayManagerSystem.People;

/// <summary>The rules of passwords, and their hashes: PBKDF2 with SHA-512, its parameters beside it.</summary>
internal sealed class Passwords : IDisposable
{
    /// <summary>Characters of a password at least.</summary>
    public const int LengthMin = 12;

    private const int LengthMax = 128;
    private const string Algorithm = "pbkdf2-sha512";
    private const int Iterations = 210_000;
    private const int SaltBytes = 16;
    private const int HashBytes = 64;
    private const int DistinctCharactersMin = 5;

    /// <summary>Whoever has twelve characters that everybody knows has none. Shorter ones are refused for their length.</summary>
    private static readonly string[] _common =
    [
        "password", "passw0rd", "qwertyuiop", "1234567890", "123456789012", "administrator", "letmein", "iloveyou", "welcome", "adminadmin", "paycore", "changeme", "qwerty",
        "abcdefghijkl", "zaq12wsx", "1q2w3e4r", "woaini", "a123456",
    ];

    private readonly RandomSource _random;
    private readonly ConcurrencyLimiter _turns = new(new ConcurrencyLimiterOptions { PermitLimit = Math.Max(1, Environment.ProcessorCount / 2), QueueLimit = 64 });
    private readonly string _nobodys;

    /// <summary>Makes the hash that names which are nobody's are compared with: no password has it, and to find that out takes as long as with any other.</summary>
    public Passwords(RandomSource random)
    {
        _random = random;
        _nobodys = Written(NewBytes(SaltBytes), NewBytes(HashBytes));
    }

    /// <summary>What is wrong with a password, or null.</summary>
    public static Text? Problem(string password, string name, string displayName)
    {
        if (password.Length < LengthMin)
        {
            return PeopleTexts.PasswordShort;
        }

        if (password.Length > LengthMax)
        {
            return PeopleTexts.PasswordLong;
        }

        // Common words with digits and signs around them are common all the same.
        var core = new string([.. password.ToLowerInvariant().Where(char.IsLetter)]);
        var isCommon = _common.Any(c => core == new string([.. c.Where(char.IsLetter)]) && core.Length > 0 || password.Contains(c, StringComparison.OrdinalIgnoreCase) && password.Length - c.Length < 6);
        if (isCommon || password.Distinct().Count() < DistinctCharactersMin)
        {
            return PeopleTexts.PasswordCommon;
        }

        var hasName = new[] { name, displayName }.Any(n => n.Length >= 3 && password.Contains(n, StringComparison.OrdinalIgnoreCase));
        return hasName ? PeopleTexts.PasswordName : null;
    }

    /// <summary>A hash with a salt of its own.</summary>
    public string Hash(string password)
    {
        var salt = NewBytes(SaltBytes);
        return Written(salt, Derive(password, salt, Iterations));
    }

    /// <summary>Whether a password is right. Takes as long when there is no hash. Few are computed at once, since each takes a core for a while.</summary>
    /// <returns>Null: too many wait for that, and it was not looked at.</returns>
    public async Task<bool?> VerifyAsync(string password, string? hash, CancellationToken cancellation)
    {
        using var turn = await _turns.AcquireAsync(1, cancellation);
        if (!turn.IsAcquired)
        {
            return null;
        }

        if (password.Length > LengthMax)
        {
            return false;
        }

        var parts = (string.IsNullOrEmpty(hash) ? _nobodys : hash).Split('$');
        var derived = Derive(password, Convert.FromBase64String(parts[2]), int.Parse(parts[1], CultureInfo.InvariantCulture));
        return CryptographicOperations.FixedTimeEquals(derived, Convert.FromBase64String(parts[3])) && !string.IsNullOrEmpty(hash);
    }

    /// <inheritdoc/>
    public void Dispose() => _turns.Dispose();

    private byte[] NewBytes(int count)
    {
        var bytes = new byte[count];
        _random.Fill(bytes);
        return bytes;
    }

    private static string Written(byte[] salt, byte[] hash) => $"{Algorithm}${Iterations}${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}";

    private static byte[] Derive(string password, byte[] salt, int iterations) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password.Normalize(NormalizationForm.FormC)), salt, iterations, HashAlgorithmName.SHA512, HashBytes);
}
