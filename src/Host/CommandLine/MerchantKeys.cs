using System.CommandLine;
using System.CommandLine.Parsing;
using PayCore.Configuration;
using PayCore.MerchantApi;

namespace PayCore.Host.CommandLine;

/// <summary>The options by which <c>app create</c> and <c>key add</c> get a merchant's key, and the key that they ask for.</summary>
internal sealed class MerchantKeys
{
    private readonly Option<MerchantKeyAlgorithm?> _algorithm = new("--alg")
    {
        Description = "How the merchant signs: ed25519 (default), ecdsa-p256-sha256, rsa-v1_5-sha256 or hmac-sha256.",
        HelpName = "ALG",
        CustomParser = ReadAlgorithm,
    };

    private readonly Option<string?> _keyId = new("--key-id") { Description = "The key's name within the app. Default: k1, k2, …" };

    private readonly Option<string?> _publicKey = new("--public-key")
    {
        Description = "The merchant's own public key (PEM). Recommended: then nobody but the merchant ever has the private key.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _out = new("--out")
    {
        Description = "Where the private key goes when one is made. Default: ./APP_ID.KEY_ID.pem. An hmac-sha256 secret is shown unless this is given.",
        HelpName = "FILE",
    };

    /// <summary>The options.</summary>
    public IReadOnlyList<Option> Options => [_algorithm, _keyId, _publicKey, _out];

    /// <summary>Reads the merchant's public key, or makes a key pair or secret. Nothing is written yet.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="session">For randomness.</param>
    /// <param name="appId">Whose.</param>
    /// <param name="taken">Key ids in use.</param>
    public async Task<NewMerchantKey> MakeAsync(ParseResult arguments, CommandSession session, string appId, IEnumerable<string> taken)
    {
        var algorithm = arguments.GetValue(_algorithm) ?? MerchantKeyAlgorithm.Ed25519;
        var id = Documents.DemandName("--key-id:", arguments.GetValue(_keyId) ?? AppKeys.FirstFreeId(taken));
        var document = new AppKeyDocument { KeyId = id, Alg = algorithm.ToName() };
        var file = arguments.GetValue(_out);
        if (arguments.GetValue(_publicKey) is { } publicKeyFile)
        {
            if (algorithm == MerchantKeyAlgorithm.HmacSha256 || file is not null)
            {
                throw new CommandFailedException("--public-key: goes with neither --alg hmac-sha256 nor --out, since nothing secret is made.");
            }

            return new NewMerchantKey(appId, document with { PublicKey = await OwnerFile.ReadAsync("--public-key", publicKeyFile) }, null, null);
        }

        var made = AppKeys.Make(id, algorithm, session.Random);
        return new NewMerchantKey(appId, made.Document, made.Secret, algorithm == MerchantKeyAlgorithm.HmacSha256 ? file : file ?? $"{appId}.{id}.pem");
    }

    private static MerchantKeyAlgorithm? ReadAlgorithm(ArgumentResult argument)
    {
        var name = argument.Tokens.Single().Value;
        if (!MerchantKeyAlgorithms.TryParse(name, out var algorithm))
        {
            argument.AddError($"--alg: '{name}' is none of ed25519, ecdsa-p256-sha256, rsa-v1_5-sha256 and hmac-sha256.");
        }

        return algorithm;
    }
}

/// <summary>A key that is about to be registered.</summary>
/// <param name="AppId">Whose.</param>
/// <param name="Document">What PayCore keeps.</param>
/// <param name="Secret">What the merchant keeps, when it was made here.</param>
/// <param name="File">Where that goes; null shows it.</param>
internal sealed record NewMerchantKey(string AppId, AppKeyDocument Document, string? Secret, string? File)
{
    /// <summary>Writes the merchant's half, then registers the key. When that is refused, the file goes again: all or nothing.</summary>
    public async Task KeepAsync(Func<Task> register)
    {
        if (Secret is null || File is null)
        {
            await register();
            return;
        }

        await OwnerFile.CreateAsync("--out", File, Secret);
        try
        {
            await register();
        }
        catch
        {
            System.IO.File.Delete(File);
            throw;
        }
    }

    /// <summary>What the merchant must know. A secret that stands in no file is shown here, once.</summary>
    public IEnumerable<string> Show()
    {
        yield return $"  keyid         {AppId}/{Document.KeyId}";
        yield return $"  algorithm     {Document.Alg}";
        if (File is not null)
        {
            yield return $"  {(Document.Secret is null ? "private key" : "secret     ")}   {Path.GetFullPath(File)}  (only you may read it; give it to the merchant's system and keep no copy)";
        }
        else if (Secret is not null)
        {
            yield return $"  secret        {Secret}  (base64; shown this once)";
        }
    }

    /// <summary>No member: one is a secret.</summary>
    public override string ToString() => $"{AppId}/{Document.KeyId}";
}
