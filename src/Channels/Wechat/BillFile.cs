using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace PayCore.Channels.Wechat;

/// <summary>A bill's file as it came, packed by gzip or plain. It is unpacked anew each time it is read, so that a large day is never in memory but packed.</summary>
internal sealed class BillFile(byte[] content)
{
    private readonly bool _isPacked = content is [0x1f, 0x8b, ..];

    /// <summary>SHA-1 of the plain file in lower-case hexadecimal, which the platform names in a signed answer in place of signing the file (wechat-pay-v3.md 8.1).</summary>
    /// <exception cref="StatementException">The file is damaged.</exception>
    public async Task<string> HashAsync(CancellationToken cancellation)
    {
        try
        {
            await using var plain = Unpack();
#pragma warning disable CA5350 // The platform's choice; the answer that names the hash is signed by RSA with SHA-256.
            return Convert.ToHexStringLower(await SHA1.HashDataAsync(plain, cancellation));
#pragma warning restore CA5350
        }
        catch (InvalidDataException)
        {
            throw new StatementException("The file is damaged.");
        }
    }

    /// <summary>The text, without the mark of its encoding.</summary>
    public TextReader Open() => new StreamReader(Unpack(), Encoding.UTF8);

    private Stream Unpack()
    {
        var stream = new MemoryStream(content, writable: false);
        return _isPacked ? new GZipStream(stream, CompressionMode.Decompress) : stream;
    }
}
