using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;

namespace PayCore.PayManagerSystem.Settings;

/// <summary>The configuration's documents as the console reads and changes them: the same way as the command line does.</summary>
internal sealed class DocumentDesk(IOptions<ConfigOptions> options, DocumentSeals seals, DatabaseClient database, RandomSource random, TimeProvider time) : IDisposable
{
    // Not the one that the roles of this process follow: a backend tells of changes since it was read last, and what is read here would be missed there.
    private readonly IConfigBackend _backend = ConfigurationExtensions.OpenBackend(options.Value, time);
    private readonly byte[] _markKey = NewKey(random);

    /// <summary>For reading.</summary>
    public Documents Documents => For("");

    /// <summary>For changes by somebody, which stand in the audit log before they are made.</summary>
    public Documents For(string by) => new(_backend, seals, new Audit(database, by), random);

    /// <summary>The document with its secrets open.</summary>
    /// <exception cref="InvalidDocumentException">A secret cannot be opened.</exception>
    public ReadOnlyMemory<byte> Open(string folder, string name, ReadOnlyMemory<byte> content) => seals.Open(folder, name, content);

    /// <summary>Two versions of a document for the eyes of a person. Equal secrets have equal marks, so that a changed one shows; the marks say nothing else.</summary>
    public (string Before, string After) Show(DocumentSecrets secrets, ReadOnlyMemory<byte> before, ReadOnlyMemory<byte> after) => secrets.Show(before, after, random.Fill);

    /// <summary>
    /// What is shown of a secret: the fingerprint of the public key where it is a key; else a mark that tells two secrets apart as long as this process runs, and cannot
    /// be tried out elsewhere.
    /// </summary>
    public string MarkOf(string secret) =>
        KeyMaterial.Read(secret)?.Fingerprint ?? Convert.ToHexStringLower(HMACSHA256.HashData(_markKey, Encoding.UTF8.GetBytes(secret)))[..8];

    /// <inheritdoc/>
    public void Dispose() => (_backend as IDisposable)?.Dispose();

    private static byte[] NewKey(RandomSource random)
    {
        var key = new byte[HMACSHA256.HashSizeInBytes];
        random.Fill(key);
        return key;
    }

    private sealed class Audit(DatabaseClient database, string by) : IDocumentAudit
    {
        public async Task AddAsync(string action, string subject, string before, string after) => await database.AppendAuditAsync(
            new AppendAuditRequest { Entry = new AuditEntry { By = by, Action = action, Subject = subject, Before = before, After = after } });
    }
}
