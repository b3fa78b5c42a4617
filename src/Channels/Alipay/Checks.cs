namespace PayCore.Channels.Alipay;

/// <summary>The names of what is examined of an account, as <c>pay_channel.proto</c> lists them.</summary>
internal static class Checks
{
    public const string Document = "document";
    public const string KeyPair = "key_pair";
    public const string PlatformKey = "platform_key";
    public const string Certificate = "certificate";
    public const string Clock = "clock";
    public const string CallbackAddress = "callback_address";
    public const string SignedQuery = "signed_query";
}
