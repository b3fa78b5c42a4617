using PayCore.Contracts.V1;
using PayCore.PayManagerSystem.Permissions;
using PayCore.PayManagerSystem.Web;
using By = PayCore.Contracts.V1.SearchHit.Types.By;
using Kind = PayCore.Contracts.V1.SearchHit.Types.Kind;

namespace PayCore.PayManagerSystem.Records;

/// <summary>What the search says, and where its hits lead.</summary>
internal static class SearchTexts
{
    public static readonly Text How = new("Ours, the merchant's or the provider's: whole numbers, archived ones too.", "支持本系统、商户及渠道的完整单号（含归档）。");
    public static readonly Text Begin = new("Payments, refunds, transfers, notifications, callbacks and exceptions are found.", "可查找支付、退款、转账、通知、回调与异常。");
    public static readonly Text Number = new("Any number", "任意单号");
    public static readonly Text None = new("Nothing has exactly this number.", "没有与该单号完全匹配的记录。");
    public static readonly Text Length = new("A number has 3 to 64 characters.", "单号为 3 至 64 个字符。");
    public static readonly Text Found = new("Found", "结果");
    public static readonly Text By = new("Matches its", "匹配");
    public static readonly Text Archived = new("archived", "已归档");

    /// <summary>The page of what was found.</summary>
    public static string AddressOf(SearchHit hit) => $"/{hit.Kind switch
    {
        Kind.Payment => "payments",
        Kind.Refund => "refunds",
        Kind.Transfer => "transfers",
        Kind.Delivery => "deliveries",
        Kind.Callback => "callbacks",
        _ => "exceptions",
    }}/{hit.Id}";

    /// <summary>What seeing it demands.</summary>
    public static ConsolePermission PermissionOf(Kind kind) => kind switch
    {
        Kind.Delivery => ConsolePages.Deliveries.Permission,
        Kind.Callback => ConsolePages.Callbacks.Permission,
        Kind.Exception => ConsolePages.Exceptions.Permission,
        _ => ConsolePages.Payments.Permission,
    };

    /// <summary>What was found.</summary>
    public static Text Of(Kind kind) => kind switch
    {
        Kind.Payment => ConsolePages.Payment.Title,
        Kind.Refund => ConsolePages.Refund.Title,
        Kind.Transfer => ConsolePages.Transfer.Title,
        Kind.Delivery => ConsolePages.Delivery.Title,
        Kind.Callback => ConsolePages.Callback.Title,
        _ => ConsolePages.Exception.Title,
    };

    /// <summary>Which number of it matched.</summary>
    public static Text Of(By by) => by switch
    {
        Contracts.V1.SearchHit.Types.By.AttemptNo => RecordTexts.AttemptNo,
        Contracts.V1.SearchHit.Types.By.MerchantNo => RecordTexts.MerchantNo,
        Contracts.V1.SearchHit.Types.By.ChannelNo => RecordTexts.ChannelNo,
        Contracts.V1.SearchHit.Types.By.EventId => RecordTexts.EventId,
        _ => new Text("PayCore id", "系统单号"),
    };
}
