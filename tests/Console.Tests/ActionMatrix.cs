using System.Data.Common;
using System.Globalization;
using System.Reflection;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using PayCore.Cashier.Tests.Support;
using PayCore.Configuration;
using PayCore.Console.Tests.Support;
using PayCore.Contracts.V1;
using PayCore.EndToEnd.Tests.Support;
using PayCore.MerchantApi;
using PayCore.PayDatabase;
using PayCore.PayManagerSystem.Accounts;
using PayCore.PayManagerSystem.Actions;
using PayCore.PayManagerSystem.Apps;
using PayCore.PayManagerSystem.Permissions;
using PayCore.PayManagerSystem.Records;
using PayCore.PayManagerSystem.Web;

namespace PayCore.Console.Tests;

/// <summary>Every method by which the console changes anything, with every built-in role; made from the code and the tables. Who may not is refused, and nothing is changed.</summary>
public sealed class ActionMatrix(Chromium chromium) : IAsyncLifetime
{
    /// <summary>What a person's action may change.</summary>
    private static readonly string[] _tables =
    [
        "console_operator", "operator_role", "console_role", "operator_link", "recovery_code", "operator_session", "approval", "saved_view", "audit_entry", "pay_order", "pay_attempt",
        "refund", "transfer", "notify_delivery", "exception_item",
    ];

    /// <summary>Actions that no method of a service has: the audit log's page walks the chain, and changes nothing.</summary>
    private static readonly string[] _ofPages = [ConsoleActions.VerifyAudit.Name];

    /// <summary>One method does this too, by an argument, and demands the same for both.</summary>
    private static readonly string[] _otherSides = [ConsoleActions.AddAccount.Name, ConsoleActions.DisableAccount.Name, ConsoleActions.DisableApp.Name];

    private Office _office = null!;

    private static IReadOnlyList<MethodInfo> Methods { get; } =
    [
        .. typeof(ActionGate).Assembly.GetTypes()
            .Where(t => t.GetConstructors().Any(c => c.GetParameters().Any(p => p.ParameterType == typeof(ActionGate))))
            .SelectMany(t => t.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly))
            .Where(m => m.ReturnType.IsGenericType && m.ReturnType.GenericTypeArguments[0] is { IsGenericType: true } of && of.GetGenericTypeDefinition() == typeof(ActionResult<>)),
    ];

    public async ValueTask InitializeAsync() => _office = await Office.OpenAsync(chromium);

    public async ValueTask DisposeAsync()
    {
        await _office.DemandWholeAuditAsync();
        await _office.DisposeAsync();
    }

    [Fact]
    public async Task EveryAction_ForWhomItsPermissionDoesNotAllow_IsRefusedAndChangesNothing()
    {
        await _office.Operators.SaveRoleAsync(new SaveRoleRequest { Role = new OperatorRole { Name = "nothing" }, By = "test" });
        await using var nobody = await Desk.OfAsync(_office, await _office.HireAsync("nobody", "nothing"));
        var demands = new Dictionary<MethodInfo, ConsoleAction>();
        foreach (var method in Methods)
        {
            var refusal = await CallAsync(nobody, method);
            refusal?.Text.Should().Be(ActionTexts.NotAllowed, Name(method));
            demands[method] = ConsoleActions.All.Single(a => $"{a.Name}: {a.Permission}" == refusal!.Detail);
        }

        demands.Values.Select(a => a.Name).Concat(_ofPages).Concat(_otherSides).Should().Contain(ConsoleActions.All.Select(a => a.Name), "every action is done somewhere");
        foreach (var role in BuiltInRoles.Table.Keys)
        {
            await using var desk = await Desk.OfAsync(_office, await _office.HireAsync($"{role}-one", role));
            foreach (var method in Methods)
            {
                var mayNot = !BuiltInRoles.Table[role].Contains(demands[method].Permission);
                var before = mayNot ? await DumpAsync() : "";
                var refusal = await CallAsync(desk, method);
                (refusal?.Text == ActionTexts.NotAllowed).Should().Be(mayNot, $"{Name(method)} for {role}: {refusal}");
                if (mayNot)
                {
                    (await DumpAsync()).Should().Be(before, $"{Name(method)} for {role}");
                }
            }
        }
    }

    /// <summary>A role that is taken away, or a session that was ended, is at once of no use to a page that is open.</summary>
    [Fact]
    public async Task OpenPage_OfASessionThatWasEnded_ChangesNothing()
    {
        var ada = await _office.HireAsync("ada", "admin");
        await using var desk = await Desk.OfAsync(_office, ada);
        await _office.Operators.EndSessionsAsync(new EndSessionsRequest { OperatorId = ada.OperatorId, By = "test" });

        var before = await DumpAsync();
        foreach (var method in Methods)
        {
            (await CallAsync(desk, method))?.Text.Should().Be(ActionTexts.NotFound, Name(method));
        }

        (await DumpAsync()).Should().Be(before);
    }

    private static string Name(MethodInfo method) => $"{method.DeclaringType!.Name}.{method.Name}";

    private static async Task<ActionProblem?> CallAsync(Desk desk, MethodInfo method)
    {
        var service = desk.Services.GetRequiredService(method.DeclaringType!);
        var arguments = new List<object?>();
        foreach (var parameter in method.GetParameters())
        {
            arguments.Add(await ArgumentAsync(desk, parameter));
        }

        var task = (Task)method.Invoke(service, [.. arguments])!;
        await task;
        var result = task.GetType().GetProperty("Result")!.GetValue(task)!;
        return (ActionProblem?)result.GetType().GetProperty("Problem")!.GetValue(result);
    }

    /// <summary>Something of the type: about nothing that is there, but for accounts and apps, which are real.</summary>
    private static async Task<object?> ArgumentAsync(Desk desk, ParameterInfo parameter) => parameter.ParameterType switch
    {
        var t when t == typeof(KeptApp) => await desk.Services.GetRequiredService<AppBook>().FindAsync(World.AppId),
        var t when t == typeof(ConsoleChannel) => await ChannelAsync(desk),
        var t when t == typeof(KeptAccount) => await desk.Services.GetRequiredService<AccountBook>().FindAsync((await ChannelAsync(desk))!, World.Account),
        var t when t == typeof(KeySource) => new KeySource(MerchantKeyAlgorithm.Ed25519, ""),
        var t when t == typeof(ConfigVersion) => new ConfigVersion(1, DateTimeOffset.UnixEpoch, "{}"u8.ToArray()),
        var t when t == typeof(IReadOnlyDictionary<string, string>) => new Dictionary<string, string>(),
        var t when t == typeof(IReadOnlyDictionary<string, IReadOnlyList<RouteDocument>>) => new Dictionary<string, IReadOnlyList<RouteDocument>>(),
        var t when t == typeof(string) => "none-such",
        var t when t == typeof(long) => 1L,
        var t when t == typeof(int) => 1,
        var t when t == typeof(bool) => true,
        var t when t.IsAssignableFrom(typeof(string[])) => new[] { "viewer" },
        var t when t == typeof(Operator) => new Operator { OperatorId = "none-such", Version = 1, State = Operator.Types.State.Active },
        var t when t == typeof(OperatorRole) => new OperatorRole { Name = "matrix", Permissions = { nameof(ConsolePermission.ViewHome) } },
        var t when t == typeof(Func<int, Task>) => (int _) => Task.CompletedTask,
        var t when t == typeof(RecordSource) => desk.Services.GetRequiredService<PaymentSource>(),
        var t when t == typeof(Preferences) => new Preferences(Language.English, null, ""),
        var t when t.IsValueType => Activator.CreateInstance(t),
        var t when t.IsClass && t.GetConstructor([]) is { } make => make.Invoke([]),
        var t => throw new NotSupportedException($"Say with what {t} the matrix calls {parameter.Member.Name}."),
    };

    private static Task<ConsoleChannel?> ChannelAsync(Desk desk) => desk.Services.GetRequiredService<PayManagerSystem.Accounts.Channels>().FindAsync("wechat");

    private async Task<string> DumpAsync()
    {
        var text = new StringBuilder();
        foreach (var document in await _office.Configuration.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{document.Folder}/{document.Name} {document.Version}");
        }

        await using var connection = await _office.World.App.Services.GetRequiredService<SqlDatabase>().OpenAsync(TestContext.Current.CancellationToken);
        foreach (var table in _tables)
        {
            await using var command = connection.CreateCommand();
            command.CommandText = $"SELECT * FROM {table} ORDER BY 1, 2";
            await using var rows = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
            text.AppendLine(table);
            while (await rows.ReadAsync(TestContext.Current.CancellationToken))
            {
                text.AppendLine(string.Join('|', Enumerable.Range(0, rows.FieldCount).Select(i => Convert.ToString(rows.GetValue(i), CultureInfo.InvariantCulture))));
            }
        }

        return text.ToString();
    }
}
