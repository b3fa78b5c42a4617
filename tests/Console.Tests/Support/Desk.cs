using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.DependencyInjection;
using PayCore.Contracts.V1;
using PayCore.PayManagerSystem.Actions;
using PayCore.PayManagerSystem.Apps;
using PayCore.PayManagerSystem.People;

namespace PayCore.Console.Tests.Support;

/// <summary>What an open page of an operator has: their session and its actions, without a browser.</summary>
internal sealed class Desk : IAsyncDisposable
{
    private readonly AsyncServiceScope _scope;

    private Desk(AsyncServiceScope scope) => _scope = scope;

    public IServiceProvider Services => _scope.ServiceProvider;

    public ApprovalActions Approvals => Services.GetRequiredService<ApprovalActions>();

    public RecordActions Records => Services.GetRequiredService<RecordActions>();

    public AppActions Apps => Services.GetRequiredService<AppActions>();

    public PeopleActions People => Services.GetRequiredService<PeopleActions>();

    public static async Task<Desk> OfAsync(Office office, Person person)
    {
        var hash = SessionCookie.HashOf(await office.SessionOfAsync(person));
        var session = await office.Operators.ReadSessionAsync(new ReadSessionRequest { TokenHash = hash, SeenAfter = Timestamp.FromDateTimeOffset(office.Clock.GetUtcNow().AddMinutes(-30)) });
        var scope = office.World.App.Services.CreateAsyncScope();
        ((IHostEnvironmentAuthenticationStateProvider)scope.ServiceProvider.GetRequiredService<AuthenticationStateProvider>())
            .SetAuthenticationState(Task.FromResult(new AuthenticationState(Principals.Of(session, hash))));
        return new Desk(scope);
    }

    public ValueTask DisposeAsync() => _scope.DisposeAsync();
}
