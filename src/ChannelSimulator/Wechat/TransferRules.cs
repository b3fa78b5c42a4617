using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace PayCore.ChannelSimulator;

/// <summary>A transfer that passed the field rules.</summary>
internal sealed record TransferRequest
{
    public required string MchId { get; init; }

    public required string AppId { get; init; }

    public required string OutBillNo { get; init; }

    public required string OpenId { get; init; }

    public string? UserName { get; init; }

    public required long Amount { get; init; }

    public required string Remark { get; init; }

    public string? NotifyUrl { get; init; }

    public required string Digest { get; init; }
}

/// <summary>The field rules of a transfer (wechat-pay-v3.md 7.1 and 9).</summary>
internal static partial class TransferRules
{
    private const long Least = 10;
    private const long NamedFrom = 2000_00;

    private static readonly HashSet<string> _scenes = ["1000", "1002", "1004", "1005", "1006", "1009", "1010", "1011", "1013"];

    /// <summary>The scenes of which the documents name what must be reported.</summary>
    private static readonly Dictionary<string, string[]> _reports = new()
    {
        ["1000"] = ["活动名称", "奖励说明"],
        ["1005"] = ["岗位类型", "报酬说明"],
    };

    public static TransferRequest Read(WechatMerchant merchant, WechatCall call) => PlaceRules.Whole(() =>
    {
        var root = PlaceRules.Parse(call.Body);
        var fields = new JsonFields(root, "");
        var name = fields.Text("user_name", 1024) is { } secret ? Decrypt(merchant, call.NamedKey, secret) : null;
        var request = new TransferRequest
        {
            MchId = merchant.Registration.MchId,
            AppId = fields.RequiredText("appid", 32),
            OutBillNo = fields.RequiredText("out_bill_no", 32, BillNumber()),
            OpenId = fields.RequiredText("openid", 64),
            UserName = name,
            Amount = fields.RequiredInteger("transfer_amount", Least),
            Remark = fields.RequiredText("transfer_remark", 32),
            NotifyUrl = fields.Text("notify_url", 256) is { } url ? PlaceRules.CallbackAddress(url) : null,
            Digest = PlaceRules.Digest(root, name),
        };
        fields.Text("user_recv_perception", 64);
        if (fields.Object("user_recv_style") is { } style)
        {
            style.Text("type", 32, Style());
            style.NothingElse();
        }

        CheckScene(fields);
        fields.NothingElse();
        if (request.Amount >= NamedFrom && name is null)
        {
            throw WechatError.Parameter("/user_name", "is required from 2000 yuan");
        }

        return request.AppId == merchant.Registration.AppId ? request : throw WechatError.InvalidRequest("商户号与AppID不匹配");
    });

    private static void CheckScene(JsonFields fields)
    {
        var scene = fields.RequiredText("transfer_scene_id", 36);
        var infos = fields.Array("transfer_scene_report_infos", 1, 10) ?? throw WechatError.Parameter("/transfer_scene_report_infos", "is required");
        List<string> types = [];
        foreach (var (index, item) in infos.Index())
        {
            var info = new JsonFields(item, $"/transfer_scene_report_infos/{index}");
            types.Add(info.RequiredText("info_type", 15));
            info.RequiredText("info_content", 32);
            info.NothingElse();
        }

        if (!_scenes.Contains(scene))
        {
            throw WechatError.InvalidRequest("商户未开通该转账场景");
        }

        if (types.Distinct().Count() != types.Count || (_reports.TryGetValue(scene, out var wanted) && !types.Order().SequenceEqual(wanted.Order())))
        {
            throw WechatError.Parameter("/transfer_scene_report_infos", "are not those of the scene, each once");
        }
    }

    private static string Decrypt(WechatMerchant merchant, string? serial, string secret)
    {
        if (merchant.Keys.FirstOrDefault(k => k.Serial == serial) is { } key)
        {
            try
            {
                return merchant.Signer(key).Decrypt(secret);
            }
            catch (Exception e) when (e is CryptographicException or FormatException)
            {
                // The refusal below says it.
            }
        }

        throw WechatError.Parameter("/user_name", "cannot be decrypted by the key that Wechatpay-Serial names");
    }

    [GeneratedRegex(@"\A[0-9A-Za-z]{1,32}\z")]
    private static partial Regex BillNumber();

    [GeneratedRegex(@"\A(CONFIRM_PAGE|RED_PACKET)\z")]
    private static partial Regex Style();
}
