using System.Text.RegularExpressions;

namespace PayCore.ChannelSimulator;

/// <summary>A transfer that passed the field rules.</summary>
internal sealed partial record AlipayTransferRequest
{
    private const long LeastTransfer = 10;
    private const long RemarkedFrom = 50000_00;

    public required string Pid { get; init; }

    public required string AppId { get; init; }

    public required string OutBizNo { get; init; }

    public required long Amount { get; init; }

    public required string ProductCode { get; init; }

    public required string BizScene { get; init; }

    public required string Identity { get; init; }

    public string? Name { get; init; }

    public string? PassbackParams { get; init; }

    public required string Digest { get; init; }

    /// <summary>Reads and checks the business parameters (alipay.md 8.1).</summary>
    public static AlipayTransferRequest Read(AlipayCall call, AlipayFields fields)
    {
        var payee = fields.Object("payee_info") ?? throw fields.Refused("payee_info", "缺失");
        var type = payee.RequiredText("identity_type", 32, IdentityType());
        var request = new AlipayTransferRequest
        {
            Pid = call.Merchant.Pid,
            AppId = call.Merchant.AppId,
            OutBizNo = fields.RequiredText("out_biz_no", 64),
            Amount = fields.RequiredAmount("trans_amount"),
            ProductCode = fields.RequiredText("product_code", 64, Product()),
            BizScene = fields.RequiredText("biz_scene", 64, Scene()),
            Identity = payee.RequiredText("identity", 128),
            Name = type == "ALIPAY_LOGON_ID" ? payee.RequiredText("name", 128) : payee.Text("name", 128),
            PassbackParams = fields.Text("passback_params", 512),
            Digest = PlaceRules.Digest(call.Content),
        };
        if (request.ProductCode == "TRANS_BANKCARD_NO_PWD" && payee.Object("bankcard_ext_info") is null)
        {
            throw payee.Refused("bankcard_ext_info", "缺失");
        }

        fields.RequiredText("order_title", 128);
        fields.Text("business_params", 2048);
        fields.Text("transfer_scene_name", 64);
        fields.Array("transfer_scene_report_infos", 10);
        fields.Skip("original_order_id");
        fields.Skip("payer_info");
        if (fields.Text("remark", 200) is null && request.Amount >= RemarkedFrom)
        {
            throw AlipayError.Business("MEMO_REQUIRED_IN_TRANSFER_ERROR", "单笔转账金额大于等于50000元时，备注不能为空");
        }

        return request.Amount >= LeastTransfer || request.ProductCode == "STD_RED_PACKET"
            ? request
            : throw AlipayError.Business("EXCEED_LIMIT_SM_MIN_AMOUNT", "转账金额不能低于0.1元");
    }

    [GeneratedRegex(@"\A(ALIPAY_USER_ID|ALIPAY_LOGON_ID|ALIPAY_OPEN_ID|BANKCARD_ACCOUNT|BANKCARD_NO)\z")]
    private static partial Regex IdentityType();

    [GeneratedRegex(@"\A(TRANS_ACCOUNT_NO_PWD|TRANS_BANKCARD_NO_PWD|STD_RED_PACKET)\z")]
    private static partial Regex Product();

    [GeneratedRegex(@"\A(DIRECT_TRANSFER|PERSONAL_COLLECTION)\z")]
    private static partial Regex Scene();
}
