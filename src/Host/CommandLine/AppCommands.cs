using System.CommandLine;
using System.Globalization;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.MerchantApi;
using PayCore.OutboundAddresses;

namespace PayCore.Host.CommandLine;

/// <summary><c>paycore app …</c>: merchants' applications.</summary>
internal sealed class AppCommands(CommandSession session)
{
    private readonly Argument<string> _appId = new("APP_ID") { Description = "The app's id: letters, digits, '_', '-' and '.'." };
    private readonly Option<string> _merchant = new("--merchant") { Description = "The merchant that owns it, 1 to 32 characters.", Required = true, HelpName = "ID" };
    private readonly Option<string?> _name = new("--name") { Description = "The payee's name, shown to users." };
    private readonly Option<string?> _webhook = new("--webhook") { Description = "Where it is notified. A secret is made and shown once.", HelpName = "URL" };
    private readonly MerchantKeys _keys = new();

    private readonly Option<string[]> _routes = new("--route")
    {
        Description = "Which account takes payments of a method and scene, for example wechat.QR=1900000001, or pays transfers (wechat.TRANSFER=…); repeat it for several accounts with their weights (default 1).",
        HelpName = "METHOD.SCENE=ACCOUNT[:WEIGHT]",
    };

    private readonly Option<MoneyPolicy?> _latePayment = new("--late-payment") { Description = "What becomes of money that comes after an order has ended." };
    private readonly Option<MoneyPolicy?> _surplus = new("--surplus") { Description = "What becomes of a second payment of a paid order." };
    private readonly Option<long?> _amountMax = new("--amount-max") { Description = "Largest single payment, in minor units.", HelpName = "MINOR" };
    private readonly Option<long?> _transferMax = new("--transfer-max") { Description = "Largest single transfer, in minor units.", HelpName = "MINOR" };
    private readonly Option<long?> _approvalAbove = new("--approval-above")
    {
        Description = "A transfer of more than this waits for a person's approval, in minor units; 0: every one does.",
        HelpName = "MINOR",
    };

    private readonly Option<long?> _refundApprovalAbove = new("--refund-approval-above")
    {
        Description = "A refund that an operator gives in the console waits for a second operator when it is, with what went back of the payment before, more than this, in minor units; 0: every one does.",
        HelpName = "MINOR",
    };

    /// <summary>The commands.</summary>
    public Command Build()
    {
        var create = new Command("create", "Makes an app. An app that is there is not overwritten.") { _appId, _merchant, _name, _webhook, _routes };
        foreach (var option in _keys.Options)
        {
            create.Options.Add(option);
        }

        create.SetAction((arguments, _) => CreateAsync(arguments));
        var set = new Command("set", "Changes what is given. A new --webhook keeps the secret; --route replaces the routes of the same method and scene.")
        {
            _appId, _name, _webhook, _routes, _latePayment, _surplus, _amountMax, _transferMax, _approvalAbove, _refundApprovalAbove,
        };
        set.SetAction((arguments, _) => SetAsync(arguments));
        var show = new Command("show", "Shows an app, and of each key whether it counts.") { _appId };
        show.SetAction((arguments, _) => ShowAsync(arguments.GetValue(_appId)!));
        var list = new Command("list", "Lists the apps.");
        list.SetAction((_, _) => ListAsync());
        var disable = new Command("disable", "Refuses every call of an app from now on. Its open orders are finished all the same.") { _appId };
        disable.SetAction((arguments, _) => SwitchAsync(arguments.GetValue(_appId)!, false));
        var enable = new Command("enable", "Accepts calls of an app again.") { _appId };
        enable.SetAction((arguments, _) => SwitchAsync(arguments.GetValue(_appId)!, true));
        return new Command("app", "Merchants' applications: who may ask for payments.") { create, set, show, list, disable, enable };
    }

    private async Task<int> CreateAsync(ParseResult arguments)
    {
        var appId = Documents.DemandName("APP_ID", arguments.GetValue(_appId)!);
        if (await session.Documents.FindAsync(AppDocument.Folder, appId) is not null)
        {
            throw Exists(appId);
        }

        var routes = Routes(arguments.GetValue(_routes) ?? []);
        var webhook = Webhook(arguments.GetValue(_webhook));
        var key = await _keys.MakeAsync(arguments, session, appId, []);
        var content = AppDocument.Write(appId, new MerchantApp
        {
            MerchantId = arguments.GetValue(_merchant)!,
            Name = arguments.GetValue(_name),
            Keys = [key.Document],
            Webhook = webhook,
            Routes = routes,
        });
        await key.KeepAsync(async () =>
        {
            if (!await session.Documents.CreateAsync(AppDocument.Folder, appId, AppDocument.Secrets, content))
            {
                throw Exists(appId);
            }
        });

        Console.WriteLine($"App {appId} of merchant {arguments.GetValue(_merchant)} is made; a running PayCore takes its calls within a second.");
        Write(key.Show());
        if (webhook is not null)
        {
            WriteWebhook(webhook);
        }

        await NextStepsAsync(appId, key, routes);
        return 0;
    }

    private async Task NextStepsAsync(string appId, NewMerchantKey key, Dictionary<string, IReadOnlyList<RouteDocument>> routes)
    {
        Console.WriteLine("Next:");
        if (key.Document.Secret is null && key.Secret is not null)
        {
            Console.WriteLine($"  Better than a key made here is the merchant's own: ./paycore key add {appId} --public-key FILE, then ./paycore key retire {appId} {key.Document.KeyId} --at now");
        }

        if (routes.Count == 0)
        {
            Console.WriteLine($"  It has no route, so nothing can be paid yet: ./paycore app set {appId} --route METHOD.SCENE=ACCOUNT");
        }

        foreach (var (route, account) in routes.SelectMany(r => r.Value.Select(a => (Channel: r.Key.Split('.')[0], a.Account))).Distinct())
        {
            if (await session.Documents.FindAsync(route, account) is null)
            {
                Console.WriteLine($"  There is no account {route}/{account} yet: ./paycore account add {route} {account}");
            }
        }

        Console.WriteLine($"  The merchant signs by RFC 9421 with keyid \"{key}\" and asks: POST /v1/pay-orders");
    }

    private async Task<int> SetAsync(ParseResult arguments)
    {
        var appId = arguments.GetValue(_appId)!;
        var fresh = Webhook(arguments.GetValue(_webhook));
        var routes = Routes(arguments.GetValue(_routes) ?? []);
        var isNew = false;
        await session.Documents.ChangeAppAsync(appId, app =>
        {
            isNew = app.Webhook is null;
            return Task.FromResult(app with
            {
                Name = arguments.GetValue(_name) ?? app.Name,
                Webhook = fresh is null ? app.Webhook : isNew ? fresh : app.Webhook! with { Url = fresh.Url },
                Routes = app.Routes.Where(r => !routes.ContainsKey(r.Key)).Concat(routes).ToDictionary(),
                LatePayment = arguments.GetValue(_latePayment) ?? app.LatePayment,
                Surplus = arguments.GetValue(_surplus) ?? app.Surplus,
                Limits = app.Limits with
                {
                    AmountMinorMax = arguments.GetValue(_amountMax) ?? app.Limits.AmountMinorMax,
                    TransferMinorMax = arguments.GetValue(_transferMax) ?? app.Limits.TransferMinorMax,
                    TransferApprovalAboveMinor = arguments.GetValue(_approvalAbove) ?? app.Limits.TransferApprovalAboveMinor,
                    RefundApprovalAboveMinor = arguments.GetValue(_refundApprovalAbove) ?? app.Limits.RefundApprovalAboveMinor,
                },
            });
        });

        Console.WriteLine($"App {appId} is changed; a running PayCore takes it within a second.");
        if (fresh is not null && isNew)
        {
            WriteWebhook(fresh);
        }

        return 0;
    }

    private static void WriteWebhook(WebhookDocument webhook)
    {
        Console.WriteLine($"  webhook       {webhook.Url}");
        Console.WriteLine($"  its secret    {webhook.Secrets[0]}  (shown this once)");
    }

    private async Task<int> ShowAsync(string appId)
    {
        var app = AppDocument.Read(await session.Documents.DemandAsync(AppDocument.Folder, appId));
        Console.WriteLine($"App {appId}  {(app.Enabled ? "enabled" : "DISABLED: every call is refused")}");
        Console.WriteLine($"  merchant      {app.MerchantId}");
        Console.WriteLine($"  name          {app.Name ?? "-"}");
        Console.WriteLine($"  webhook       {(app.Webhook is { } webhook ? $"{webhook.Url ?? "only what an order names"}, {webhook.Secrets.Count} secret(s) set" : "none: it is not notified")}");
        Console.WriteLine($"  limit         {app.Limits.AmountMinorMax} minor units for one payment, {app.Limits.TransferMinorMax} for one transfer");
        Console.WriteLine($"  approval      of transfers of more than {app.Limits.TransferApprovalAboveMinor} minor units, of operators' refunds of more than {app.Limits.RefundApprovalAboveMinor}");
        Console.WriteLine($"  late money    {app.LatePayment}; surplus money {app.Surplus}");
        foreach (var (route, accounts) in app.Routes)
        {
            Console.WriteLine($"  route         {route} → {string.Join(", ", accounts.Select(a => $"{(a.Channel is null ? "" : $"{a.Channel}/")}{a.Account} (weight {a.Weight})"))}");
        }

        Write(KeyCommands.Rows(appId, app, session.Time).Select(row => $"  key           {row}"));
        return 0;
    }

    private async Task<int> ListAsync()
    {
        foreach (var document in await session.Documents.ListAsync(AppDocument.Folder))
        {
            Console.WriteLine($"{document.Name,-24} {Summary(document)}");
        }

        return 0;
    }

    private string Summary(ConfigDocument document)
    {
        if (document.Problem is not null)
        {
            return $"refused: {document.Problem}";
        }

        try
        {
            var app = MerchantApp.Parse(document.Name, document.Content);
            var usable = app.ParsedKeys.Values.Count(k => k.IsActive(session.Time.GetUtcNow()));
            return $"{(app.Enabled ? "enabled" : "disabled"),-9} merchant {app.MerchantId}, {usable} usable key(s), {string.Join(" ", app.Routes.Keys)}  {app.Name}";
        }
        catch (InvalidDocumentException e)
        {
            return $"refused: {e.Message}";
        }
    }

    private async Task<int> SwitchAsync(string appId, bool enabled)
    {
        var isChanged = await session.Documents.ChangeAppAsync(appId, app => Task.FromResult(app.Enabled == enabled ? app : app with { Enabled = enabled }));
        Console.WriteLine($"App {appId} {(isChanged ? "is" : "was already")} {(enabled ? "enabled" : "disabled")}.");
        return 0;
    }

    private WebhookDocument? Webhook(string? url)
    {
        if (url is null)
        {
            return null;
        }

        // The rule of the running system, with the private addresses that its settings allow.
        var allowed = session.Get<IConfiguration>().GetSection("Outbound").Get<OutboundOptions>()?.AllowPrivateAddresses ?? [];
        return UrlRules.Check(url, AddressAllowance.Parse(allowed)) is { } problem
            ? throw new CommandFailedException($"--webhook: {url} would not be called: it {problem}. For a private address in development set Outbound:AllowPrivateAddresses, here and for ./run.")
            : new WebhookDocument { Url = url, Secrets = [WebhookSecret.Create(session.Random.Fill)] };
    }

    private static Dictionary<string, IReadOnlyList<RouteDocument>> Routes(IEnumerable<string> texts) => texts
        .Select(Route).GroupBy(r => r.Key).ToDictionary(g => g.Key, g => (IReadOnlyList<RouteDocument>)[.. g.Select(r => r.Value)]);

    private static KeyValuePair<string, RouteDocument> Route(string text)
    {
        if (text.Split('=') is not [var key, { Length: > 0 } target] || key.Split('.') is not [{ Length: > 0 }, var scene])
        {
            throw new CommandFailedException($"--route: '{text}' is not METHOD.SCENE=ACCOUNT[:WEIGHT], for example wechat.QR=1900000001:2.");
        }

        if (scene is not ChannelAccess.Routes.Transfer && (!Names.All<Scene>().Contains(scene) || scene is "SCENE_UNSPECIFIED" or "CASHIER"))
        {
            throw new CommandFailedException($"--route: '{scene}' is no scene; those are QR, PAGE, H5, JSAPI, MINI_PROGRAM, APP and BARCODE, and TRANSFER for transfers.");
        }

        var parts = target.Split(':');
        var weight = 1;
        if (parts.Length > 2 || (parts.Length == 2 && !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out weight)))
        {
            throw new CommandFailedException($"--route: the weight in '{text}' is a whole number.");
        }

        return new(key, new RouteDocument { Account = Documents.DemandName("--route: account", parts[0]), Weight = weight });
    }

    private static CommandFailedException Exists(string appId) =>
        new($"There is an app {appId} already, and it is not overwritten. See it with: ./paycore app show {appId}");

    private static void Write(IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            Console.WriteLine(line);
        }
    }
}
