using System.Text.Json;
using Microsoft.Extensions.Options;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.MerchantApi;
using PayCore.OutboundAddresses;
using PayCore.PayManagerSystem.Actions;
using PayCore.PayManagerSystem.Permissions;
using PayCore.PayManagerSystem.Settings;
using PayCore.PayManagerSystem.Web;
using PayCore.ServiceDefaults;

namespace PayCore.PayManagerSystem.Apps;

/// <summary>What was made, and what of it is shown this once.</summary>
/// <param name="Key">The key, when one was made or registered.</param>
/// <param name="WebhookSecret">The secret by which notifications are signed, when one was made.</param>
/// <param name="Waits">The approval that the change waits for; null: it is made.</param>
public sealed record AppChange(NewAppKey? Key = null, string? WebhookSecret = null, Approval? Waits = null)
{
    /// <summary>No member: some are secrets.</summary>
    public override string ToString() => nameof(AppChange);
}

/// <summary>How a key comes to be.</summary>
/// <param name="Algorithm">How the merchant signs.</param>
/// <param name="PublicKey">The merchant's own public key; empty: a pair or secret is made here.</param>
public sealed record KeySource(MerchantKeyAlgorithm Algorithm, string PublicKey);

/// <summary>What is done with merchants' apps.</summary>
internal sealed class AppActions(ActionGate gate, DocumentDesk desk, ProposedDocuments proposed, LimitChanges limitChanges, RandomSource random, TimeProvider time, IOptions<OutboundOptions> outbound)
{
    /// <summary>Makes an app with its first key, and with a webhook where an address is given.</summary>
    public Task<ActionResult<AppChange>> CreateAsync(string appId, string merchantId, string name, string webhookUrl, KeySource source) => gate.RunAsync(ConsoleActions.CreateApp, async actor =>
    {
        Demand(ConfigDocument.IsName(appId) && appId.Length <= 32, AppTexts.AppIdWrong, "app_id");
        Demand(merchantId.Length is > 0 and <= 32, AppTexts.MerchantWrong, "merchant_id");
        var secret = webhookUrl.Length > 0 ? WebhookSecret.Create(random.Fill) : null;
        var key = KeyOf(AppKeys.FirstFreeId([]), source);
        var app = new MerchantApp
        {
            MerchantId = merchantId,
            Name = name.Length > 0 ? name : null,
            Keys = [key.Document],
            Webhook = secret is null ? null : new WebhookDocument { Url = Checked(webhookUrl), Secrets = [secret] },
        };
        var content = Write(appId, app);
        return await desk.For(actor.Name).CreateAsync(AppDocument.Folder, appId, AppDocument.Secrets, content)
            ? new AppChange(key, secret)
            : throw Refused(AppTexts.Taken, "app_id");
    });

    /// <summary>Accepts an app's calls, or refuses every one.</summary>
    public Task<ActionResult<AppChange>> SwitchAsync(KeptApp kept, bool enabled) =>
        ChangeAsync(enabled ? ConsoleActions.EnableApp : ConsoleActions.DisableApp, kept, app => app with { Enabled = enabled });

    /// <summary>Changes name, limits and what becomes of unexpected money. A limit of what one person does alone rises when another person approves.</summary>
    /// <param name="kept">The app as it was looked at.</param>
    /// <param name="name">The payee's name; may be empty.</param>
    /// <param name="limits">Minor units.</param>
    /// <param name="latePayment">What becomes of money for an order that ended.</param>
    /// <param name="surplus">What becomes of a second payment.</param>
    /// <param name="reason">Why, where another person must approve; empty: it was not asked yet.</param>
    public Task<ActionResult<AppChange>> SaveSettingsAsync(KeptApp kept, string name, LimitsDocument limits, MoneyPolicy latePayment, MoneyPolicy surplus, string reason)
    {
        return ChangeAsync(ConsoleActions.ChangeApp, kept, app =>
        {
            Demand(limits.AmountMinorMax > 0, AppTexts.Positive, "amount_minor_max");
            Demand(limits.TransferMinorMax >= 0, AppTexts.NotNegative, "transfer_minor_max");
            Demand(limits.TransferApprovalAboveMinor >= 0, AppTexts.NotNegative, "transfer_approval_above_minor");
            Demand(limits.RefundApprovalAboveMinor >= 0, AppTexts.NotNegative, "refund_approval_above_minor");
            return app with { Name = name.Length > 0 ? name : null, Limits = limits, LatePayment = latePayment, Surplus = surplus };
        }, reason);
    }

    /// <summary>Replaces the routes.</summary>
    public Task<ActionResult<AppChange>> SaveRoutesAsync(KeptApp kept, IReadOnlyDictionary<string, IReadOnlyList<RouteDocument>> routes) => ChangeAsync(ConsoleActions.ChangeRoutes, kept, app =>
    {
        foreach (var (name, accounts) in routes)
        {
            Demand(accounts.All(a => a.Account.Length > 0), AppTexts.ChooseAccount, $"routes.{name}");
            Demand(accounts.All(a => a.Weight >= 0) && accounts.Sum(a => (long)a.Weight) is > 0 and <= 1_000_000, AppTexts.WeightsWrong, $"routes.{name}");
        }

        return app with { Routes = routes };
    });

    /// <summary>Adds a key beside the others.</summary>
    public async Task<ActionResult<AppChange>> AddKeyAsync(KeptApp kept, KeySource source, DateTimeOffset? notBefore)
    {
        NewAppKey? key = null;
        var done = await ChangeAsync(ConsoleActions.AddAppKey, kept, app =>
        {
            key = KeyOf(AppKeys.FirstFreeId(app.ParsedKeys.Keys), source);
            return app with { Keys = [.. app.Keys, key.Document with { NotBefore = notBefore }] };
        });
        return done.Problem is null ? new ActionResult<AppChange>(new AppChange(key), null) : done;
    }

    /// <summary>Ends a key after a time. Another one must count from then on.</summary>
    public Task<ActionResult<AppChange>> RetireKeyAsync(KeptApp kept, string keyId, TimeSpan after) => ChangeAsync(ConsoleActions.RetireAppKey, kept, app =>
    {
        var end = time.GetUtcNow() + after;
        Demand(app.ParsedKeys.ContainsKey(keyId), AppTexts.NoSuchKey, "key_id");
        Demand(AppKeys.HasAnother(app, keyId, end), AppTexts.LastKey, keyId);
        return AppKeys.Retire(app, keyId, end);
    });

    /// <summary>Changes where and how an app is notified. The first address makes a secret, which is shown once.</summary>
    public async Task<ActionResult<AppChange>> SaveWebhookAsync(KeptApp kept, string url, AckRule ack)
    {
        string? secret = null;
        var done = await ChangeAsync(ConsoleActions.ChangeWebhook, kept, app =>
        {
            secret = app.Webhook is null ? WebhookSecret.Create(random.Fill) : null;
            var webhook = app.Webhook ?? new WebhookDocument { Secrets = [secret!] };
            return app with { Webhook = webhook with { Url = url.Length > 0 ? Checked(url) : null, Ack = ack } };
        });
        return done.Problem is null ? new ActionResult<AppChange>(new AppChange(WebhookSecret: secret), null) : done;
    }

    /// <summary>Makes another secret; from now on all of them sign.</summary>
    public async Task<ActionResult<AppChange>> AddWebhookSecretAsync(KeptApp kept)
    {
        var secret = WebhookSecret.Create(random.Fill);
        var done = await ChangeAsync(ConsoleActions.AddWebhookSecret, kept, app =>
        {
            var webhook = WebhookOf(app);
            return app with { Webhook = webhook with { Secrets = [.. webhook.Secrets, secret] } };
        });
        return done.Problem is null ? new ActionResult<AppChange>(new AppChange(WebhookSecret: secret), null) : done;
    }

    /// <summary>Takes a secret away; one is left.</summary>
    public Task<ActionResult<AppChange>> RemoveWebhookSecretAsync(KeptApp kept, int index) => ChangeAsync(ConsoleActions.RemoveWebhookSecret, kept, app =>
    {
        var webhook = WebhookOf(app);
        Demand(webhook.Secrets.Count > 1, AppTexts.LastSecret, "webhook.secrets");
        return app with { Webhook = webhook with { Secrets = [.. webhook.Secrets.Where((_, i) => i != index)] } };
    });

    /// <summary>Writes an app as it was in an earlier version.</summary>
    /// <param name="appId">The app.</param>
    /// <param name="version">The version that was looked at; null: there must be none.</param>
    /// <param name="earlier">The earlier one.</param>
    /// <param name="reason">Why, where another person must approve; empty: it was not asked yet.</param>
    public Task<ActionResult<AppChange>> RollBackAsync(string appId, string? version, ConfigVersion earlier, string reason) => gate.RunAsync(ConsoleActions.RollBackApp, async actor =>
    {
        var content = Opened(appId, earlier.Content).ToArray();
        Demand(appId, content);
        return await WriteAsync(appId, version, content, "config.rollback", reason, actor);
    });

    private Task<ActionResult<AppChange>> ChangeAsync(ConsoleAction action, KeptApp kept, Func<MerchantApp, MerchantApp> change, string reason = "") => gate.RunAsync(action, async actor =>
        kept.App is { } app && change(app) is var changed && !ReferenceEquals(app, changed)
            ? await WriteAsync(kept.AppId, kept.Document.Version, Write(kept.AppId, changed), "config.write", reason, actor)
            : new AppChange());

    /// <summary>Only where the document is still the one that was looked at, and no limit of what one person does alone rises by it.</summary>
    private async Task<AppChange> WriteAsync(string appId, string? version, byte[] content, string action, string reason, Actor actor)
    {
        var change = new DocumentChange(AppDocument.Folder, appId, AppDocument.Secrets, version, content, action);
        if (await limitChanges.AskWhereForTwoAsync(change, reason, actor) is { } waits)
        {
            return new AppChange(Waits: waits);
        }

        await proposed.WriteAsync(change, actor.Name);
        return new AppChange();
    }

    private static WebhookDocument WebhookOf(MerchantApp app) => app.Webhook ?? throw Refused(AppTexts.NoWebhook, "webhook");

    private NewAppKey KeyOf(string keyId, KeySource source)
    {
        if (source.PublicKey.Length == 0)
        {
            return AppKeys.Make(keyId, source.Algorithm, random);
        }

        Demand(source.Algorithm != MerchantKeyAlgorithm.HmacSha256, AppTexts.HmacHasNoPublicKey, "public_key");
        return new NewAppKey(new AppKeyDocument { KeyId = keyId, Alg = source.Algorithm.ToName(), PublicKey = source.PublicKey }, null);
    }

    private string Checked(string url) => UrlRules.Check(url, AddressAllowance.Parse(outbound.Value.AllowPrivateAddresses)) is { } problem
        ? throw Refused(new Text($"It {problem}.", $"地址不可用：{problem}"), "webhook.url")
        : url;

    private static byte[] Write(string appId, MerchantApp app)
    {
        var content = JsonSerializer.SerializeToUtf8Bytes(app, DocumentJson.Options);
        Demand(appId, content);
        return content;
    }

    /// <summary>The running system will accept it.</summary>
    private static void Demand(string appId, ReadOnlyMemory<byte> content)
    {
        try
        {
            MerchantApp.Parse(appId, content);
        }
        catch (InvalidDocumentException e)
        {
            throw Refused(new Text(e.Message, e.Message), e.Field);
        }
    }

    private ReadOnlyMemory<byte> Opened(string appId, ReadOnlyMemory<byte> content)
    {
        try
        {
            return desk.Open(AppDocument.Folder, appId, content);
        }
        catch (InvalidDocumentException e)
        {
            throw Refused(new Text(e.Message, e.Message), e.Field);
        }
    }

    private static void Demand(bool holds, Text text, string field)
    {
        if (!holds)
        {
            throw Refused(text, field);
        }
    }

    private static ActionRefusedException Refused(Text text, string field) => new(new ActionProblem(text, field));
}
