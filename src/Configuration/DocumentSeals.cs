using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using PayCore.ServiceDefaults;

namespace PayCore.Configuration;

/// <summary>
/// Secrets in documents as <c>sealed:v1:{key id}:{base64url}</c>: AES-256-GCM under a key of its own for each value, which is itself sealed under a master key. Document and
/// member are authenticated with it, so that a sealed value counts in its own place only.
/// </summary>
/// <param name="keys">The master keys.</param>
/// <param name="random">The source of randomness.</param>
public sealed class DocumentSeals(MasterKeys keys, RandomSource random)
{
    private const string Mark = "sealed:v1:";
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int WrappedBytes = NonceBytes + MasterKeys.KeyBytes + TagBytes;

    /// <summary>Whether there is a key to seal with.</summary>
    public bool CanSeal => keys.NewestId is not null;

    /// <summary>Whether a value is sealed.</summary>
    public static bool IsSealed(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.StartsWith(Mark, StringComparison.Ordinal);
    }

    /// <summary>The document with its sealed values opened. One without any, or that is no JSON, stays as it is.</summary>
    /// <exception cref="InvalidDocumentException">A value cannot be opened; names the member and the reason.</exception>
    public ReadOnlyMemory<byte> Open(string folder, string name, ReadOnlyMemory<byte> content) =>
        Change(content, (path, value) => IsSealed(value) ? Encoding.UTF8.GetString(Open(new Place(folder, name, path), value)) : null) ?? content;

    /// <summary>The document with its secrets sealed; without a master key it stays as it is.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="name">Its name.</param>
    /// <param name="content">The document; what is sealed in it already stays so.</param>
    /// <param name="secrets">Which members are secrets.</param>
    /// <param name="before">The document as it is kept; what did not change stays sealed as it was there.</param>
    public ReadOnlyMemory<byte> Seal(string folder, string name, ReadOnlyMemory<byte> content, DocumentSecrets secrets, ReadOnlyMemory<byte> before = default)
    {
        ArgumentNullException.ThrowIfNull(secrets);
        if (keys.NewestId is not { } id)
        {
            return content;
        }

        var known = SealedOf(folder, name, before);
        return Change(content, (path, value) => secrets.Contains(path) && !IsSealed(value)
            ? known.GetValueOrDefault((string.Join('.', path), value)) ?? Seal(new Place(folder, name, path), id, value)
            : null) ?? content;
    }

    /// <summary>The document with its values sealed under the newest master key, or null when all of them are.</summary>
    /// <exception cref="InvalidDocumentException">A value cannot be opened; names the member and the reason.</exception>
    public byte[]? Reseal(string folder, string name, ReadOnlyMemory<byte> content) => Change(content, (path, value) =>
    {
        if (!IsSealed(value) || keys.NewestId is not { } id || value.StartsWith($"{Mark}{id}:", StringComparison.Ordinal))
        {
            return null;
        }

        var place = new Place(folder, name, path);
        CryptographicOperations.ZeroMemory(Open(place, value));
        var (oldId, bytes) = Read(place, value);
        var key = OpenKey(place, oldId, bytes);
        return Write(id, [.. SealKey(place, id, key), .. bytes[WrappedBytes..]]);
    });

    /// <summary>Replaces texts; null when there was nothing to replace, or the document is no JSON: its reader says what is wrong with it.</summary>
    private static byte[]? Change(ReadOnlyMemory<byte> content, Func<IReadOnlyList<string>, string, string?> change)
    {
        try
        {
            var document = DocumentValues.Parse(content);
            var changes = DocumentValues.Change(document, (path, value) => value.GetValueKind() == JsonValueKind.String ? change(path, value.GetValue<string>()) : null);
            return changes > 0 ? DocumentValues.Write(document!) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private Dictionary<(string Path, string Value), string> SealedOf(string folder, string name, ReadOnlyMemory<byte> document)
    {
        var known = new Dictionary<(string, string), string>();
        Change(document, (path, value) =>
        {
            try
            {
                if (IsSealed(value))
                {
                    known[(string.Join('.', path), Encoding.UTF8.GetString(Open(new Place(folder, name, path), value)))] = value;
                }
            }
            catch (InvalidDocumentException)
            {
                // What cannot be opened is not kept either.
            }

            return null;
        });
        return known;
    }

    private string Seal(Place place, string id, string value)
    {
        var key = new byte[MasterKeys.KeyBytes];
        random.Fill(key);
        var text = Write(id, [.. SealKey(place, id, key), .. Encrypt(key, Encoding.UTF8.GetBytes(value), place.Words)]);
        CryptographicOperations.ZeroMemory(key);
        return text;
    }

    private byte[] Open(Place place, string value)
    {
        var (id, bytes) = Read(place, value);
        return Decrypt(place, OpenKey(place, id, bytes), bytes.AsSpan(WrappedBytes), place.Words);
    }

    private byte[] SealKey(Place place, string id, byte[] key) => Encrypt(keys.Find(id)!, key, $"{id}\n{place.Words}");

    private byte[] OpenKey(Place place, string id, byte[] bytes) => Decrypt(place, FindKey(place, id), bytes.AsSpan(0, WrappedBytes), $"{id}\n{place.Words}");

    private byte[] FindKey(Place place, string id)
    {
        try
        {
            return keys.Find(id) ?? throw new InvalidDocumentException(place.Field, keys.NewestId is null
                ? $"is sealed under master key {id}, and no master key is set (Config:MasterKeyFile or PAYCORE_MASTER_KEY)"
                : $"is sealed under master key {id}, which is not among the master keys here");
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidDocumentException(place.Field, $"is sealed under master key {id}, which cannot be looked for: {e.Message}");
        }
    }

    private byte[] Encrypt(byte[] key, byte[] plain, string words)
    {
        var all = new byte[NonceBytes + plain.Length + TagBytes];
        random.Fill(all.AsSpan(0, NonceBytes));
        using var cipher = new AesGcm(key, TagBytes);
        cipher.Encrypt(all.AsSpan(0, NonceBytes), plain, all.AsSpan(NonceBytes, plain.Length), all.AsSpan(NonceBytes + plain.Length), Encoding.UTF8.GetBytes(words));
        return all;
    }

    private static byte[] Decrypt(Place place, byte[] key, ReadOnlySpan<byte> all, string words)
    {
        var plain = new byte[all.Length - NonceBytes - TagBytes];
        using var cipher = new AesGcm(key, TagBytes);
        try
        {
            cipher.Decrypt(all[..NonceBytes], all.Slice(NonceBytes, plain.Length), all[^TagBytes..], plain, Encoding.UTF8.GetBytes(words));
            return plain;
        }
        catch (AuthenticationTagMismatchException)
        {
            throw new InvalidDocumentException(place.Field, "cannot be opened: it was sealed for another document or member, under another key of that name, or was altered");
        }
    }

    private static string Write(string id, byte[] bytes) => $"{Mark}{id}:{Base64Url.EncodeToString(bytes)}";

    private static (string Id, byte[] Bytes) Read(Place place, string value)
    {
        var parts = value[Mark.Length..].Split(':');
        return parts is [var id, var text] && Base64Url.IsValid(text) && Base64Url.DecodeFromChars(text) is { Length: >= WrappedBytes + NonceBytes + TagBytes } bytes
            ? (id, bytes)
            : throw new InvalidDocumentException(place.Field, $"begins with {Mark} but is no sealed value");
    }

    /// <summary>Where a value stands. Folder, document and member are sealed with it; items of an array share the array's place.</summary>
    private sealed record Place(string Folder, string Name, IReadOnlyList<string> Path)
    {
        public string Field => string.Join('.', Path);

        public string Words => $"sealed:v1\n{Folder}/{Name}\n{Field}";
    }
}
