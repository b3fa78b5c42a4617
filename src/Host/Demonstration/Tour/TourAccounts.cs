using System.Text.Json;
using System.Text.Json.Nodes;
using PayCore.Configuration;

namespace PayCore.Host.Demonstration.Tour;

/// <summary>The demo merchant's accounts, with what the tour needs besides: payment codes and transfers, which WeChat Pay grants on request.</summary>
internal static class TourAccounts
{
    /// <summary>At WeChat Pay.</summary>
    public const string Wechat = "1900000001";

    /// <summary>At Alipay.</summary>
    public const string Alipay = "2021000000000001";

    /// <summary>At Alipay, the one that pays out: that takes certificates.</summary>
    public const string AlipayOut = "2021000000000002";

    /// <summary>Whose money it is at Alipay.</summary>
    public const string AlipaySeller = "2088000000000001";

    /// <summary>Grants it.</summary>
    public static async Task GrantAsync(IConfigBackend backend)
    {
        var stored = (await backend.ReadAllAsync(CancellationToken.None)).Single(d => (d.Folder, d.Name) == ("wechat", Wechat));
        var account = JsonNode.Parse(stored.Content.Span)!.AsObject();
        account["barcode_store_id"] = "100001";
        account["transfer_scene_id"] = "1005";
        account["transfer_report_infos"] = new JsonObject { ["岗位类型"] = "导购", ["报酬说明"] = "佣金" };
        await backend.WriteAsync("wechat", Wechat, JsonSerializer.SerializeToUtf8Bytes(account, DocumentJson.Options), CancellationToken.None);
    }
}
