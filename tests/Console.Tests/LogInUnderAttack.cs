using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using PayCore.Contracts.V1;
using PayCore.PayManagerSystem;
using PayCore.PayManagerSystem.People;
using PayCore.ServiceDefaults;

namespace PayCore.Console.Tests;

/// <summary>Many log-ins at once: they neither lock out who is right, nor betray a right password.</summary>
public sealed class LogInUnderAttack
{
    private const string Password = "correct horse battery";

    /// <summary>More wait than there is room for: a password that was not looked at is neither right nor wrong.</summary>
    [Fact]
    public async Task Password_ThatFindsNoTurn_IsNotLookedAt()
    {
        using var passwords = new Passwords(RandomSource.System);
        var hash = passwords.Hash(Password);
        using var over = new CancellationTokenSource();

        var answers = Enumerable.Range(0, 100 + (2 * Environment.ProcessorCount)).Select(_ => Task.Run(() => passwords.VerifyAsync("guess guess guess", hash, over.Token))).ToList();
        var first = await Task.WhenAny(answers);
        while (await first is not null)
        {
            answers.Remove(first);
            first = await Task.WhenAny(answers);
        }

        await over.CancelAsync();
        (await first).Should().BeNull();
        await Task.WhenAll(answers).ContinueWith(_ => { }, TaskScheduler.Default);
    }

    /// <summary>Guesses at once: while the right one is looked at, wrong ones lock the name. It is refused like them, and counts for nothing.</summary>
    [Fact]
    public async Task RightPassword_OfANameThatWasLockedMeanwhile_IsRefusedLikeAWrongOne()
    {
        var random = RandomSource.System;
        using var passwords = new Passwords(random);
        var records = new LockedMeanwhile(passwords.Hash(Password));
        var desk = new LoginDesk(records, passwords, null!, Options.Create(new ConsoleOptions()), random, TimeProvider.System);

        (await desk.EnterAsync(new DefaultHttpContext(), "ada", Password)).Should().BeFalse();
        records.Failures.Should().Be(0);
        (await desk.EnterAsync(new DefaultHttpContext(), "ada", "guess guess guess")).Should().BeFalse();
        records.Failures.Should().Be(1);
    }

    /// <summary>The records: nobody is locked when they are read, and the session is refused.</summary>
    private sealed class LockedMeanwhile(string hash) : Operators.OperatorsClient
    {
        public int Failures { get; private set; }

        public override AsyncUnaryCall<OperatorCredentials> ReadCredentialsAsync(ReadCredentialsRequest request, CallOptions options) =>
            Answer(Task.FromResult(new OperatorCredentials { PasswordHash = hash, Operator = new Operator { OperatorId = "O1", Name = "ada", State = Operator.Types.State.Active } }));

        public override AsyncUnaryCall<OperatorSession> BeginSessionAsync(BeginSessionRequest request, CallOptions options) =>
            Answer(Task.FromException<OperatorSession>(new RpcException(new Status(StatusCode.FailedPrecondition, "The operator may not log in."))));

        public override AsyncUnaryCall<RecordLoginFailureReply> RecordLoginFailureAsync(RecordLoginFailureRequest request, CallOptions options)
        {
            Failures++;
            return Answer(Task.FromResult(new RecordLoginFailureReply()));
        }

        private static AsyncUnaryCall<T> Answer<T>(Task<T> answer) => new(answer, Task.FromResult(new Metadata()), () => Status.DefaultSuccess, () => [], () => { });
    }
}
