using PayCore.Configuration;

namespace PayCore.Channels.GiftCard;

/// <summary>An account: the document <c>giftcard/{account}</c>.</summary>
public sealed record GiftCardAccount
{
    private const int SecretBytesMin = 32;

    /// <summary>The issuer's name for the account; callbacks repeat it.</summary>
    public required string ShopId { get; init; }

    /// <summary>Signs callbacks; base64 of at least 32 bytes.</summary>
    public required string Secret { get; init; }

    /// <summary>Reads and checks a document.</summary>
    public static GiftCardAccount Parse(string name, ReadOnlyMemory<byte> content)
    {
        var account = DocumentJson.Read<GiftCardAccount>(content);
        return Convert.TryFromBase64String(account.Secret, new byte[account.Secret.Length], out var length) && length >= SecretBytesMin
            ? account
            : throw new InvalidDocumentException("secret", $"is the base64 of at least {SecretBytesMin} random bytes");
    }

    /// <inheritdoc/>
    public override string ToString() => $"giftcard account {ShopId}";
}
