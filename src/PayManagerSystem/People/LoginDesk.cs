using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults;

namespace PayCore.PayManagerSystem.People;

/// <summary>Where somebody stands between the password and the session.</summary>
/// <param name="TokenHash">By what the records find the log-in.</param>
/// <param name="Operator">Who it is.</param>
internal sealed record PendingLogin(string TokenHash, Operator Operator);

/// <summary>
/// The log-in, step by step. A name that is nobody's, one that is locked and a wrong password answer the same after the same time.
/// </summary>
internal sealed class LoginDesk(
    Operators.OperatorsClient operators, Passwords passwords, SecondFactor factor, IOptions<ConsoleOptions> options, RandomSource random, TimeProvider time)
{
    /// <summary>A refusal takes so long, or on a busy machine a multiple of it, whatever it was that was wrong.</summary>
    private static readonly TimeSpan _refusalTime = TimeSpan.FromMilliseconds(600);

    /// <summary>From the password to the second factor.</summary>
    private static readonly TimeSpan _pendingTime = TimeSpan.FromMinutes(10);

    /// <summary>Checks name and password. True: the browser has a token for the second factor.</summary>
    public async Task<bool> EnterAsync(HttpContext http, string name, string password)
    {
        var began = time.GetTimestamp();
        var found = await FindAsync(name, http.RequestAborted);
        var right = await passwords.VerifyAsync(password, found?.PasswordHash, http.RequestAborted);
        if (found is not null && MayLogIn(found.Operator))
        {
            if (right == true && await TryBeginAsync(http, found.Operator.OperatorId))
            {
                return true;
            }

            if (right == false)
            {
                // A password that was not looked at, since others fill the queue, is no failure of this operator's.
                await operators.RecordLoginFailureAsync(new RecordLoginFailureRequest { OperatorId = found.Operator.OperatorId });
            }
        }

        await WaitOutAsync(began, http.RequestAborted);
        return false;
    }

    /// <summary>False: the name was locked while the password was looked at, which must look like a wrong one.</summary>
    private async Task<bool> TryBeginAsync(HttpContext http, string operatorId)
    {
        try
        {
            await BeginAsync(http, operatorId);
            return true;
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.FailedPrecondition)
        {
            return false;
        }
    }

    /// <summary>Begins the way to the second factor for who proved to be the operator.</summary>
    public async Task BeginAsync(HttpContext http, string operatorId)
    {
        var token = random.NextToken();
        await operators.BeginSessionAsync(new BeginSessionRequest
        {
            OperatorId = operatorId,
            TokenHash = SessionCookie.HashOf(token),
            ExpireTime = Timestamp.FromDateTimeOffset(time.GetUtcNow() + _pendingTime),
            ClientIp = $"{http.Connection.RemoteIpAddress}",
            UserAgent = http.Request.Headers.UserAgent.ToString(),
        });
        SessionCookie.Login.Write(http, token);
    }

    /// <summary>Who is on the way to the second factor, or null.</summary>
    public async Task<PendingLogin?> PendingAsync(HttpContext http)
    {
        if (SessionCookie.Login.ReadHash(http) is not { } hash)
        {
            return null;
        }

        try
        {
            var session = await operators.ReadSessionAsync(new ReadSessionRequest { TokenHash = hash }, cancellationToken: http.RequestAborted);
            return session.Confirmed ? null : new PendingLogin(hash, session.Operator);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>Checks a code of the authenticator or a recovery code. True: the browser has a session.</summary>
    public async Task<bool> ConfirmAsync(HttpContext http, PendingLogin pending, string code)
    {
        var began = time.GetTimestamp();
        var credentials = await operators.ReadCredentialsAsync(new ReadCredentialsRequest { OperatorId = pending.Operator.OperatorId }, cancellationToken: http.RequestAborted);
        if (MayLogIn(credentials.Operator))
        {
            var step = credentials.TotpSecret.Length == 0 ? null : factor.StepOf(factor.Open(pending.Operator.OperatorId, credentials.TotpSecret), code);
            var recovery = SecondFactor.HashOf(code);
            var confirmed = (step is not null || credentials.RecoveryHashes.Contains(recovery)) && await ConfirmAsync(http, pending, step ?? 0, step is null ? recovery : "");
            if (confirmed)
            {
                return true;
            }

            await operators.RecordLoginFailureAsync(new RecordLoginFailureRequest { OperatorId = pending.Operator.OperatorId });
        }

        await WaitOutAsync(began, http.RequestAborted);
        return false;
    }

    /// <summary>Takes a new second factor when its code is right, and begins the session. Answers the recovery codes, or null.</summary>
    public async Task<IReadOnlyList<string>?> EnrolAsync(HttpContext http, PendingLogin pending, string secret, string code)
    {
        if (factor.StepOf(secret, code) is not { } step)
        {
            return null;
        }

        var codes = factor.NewRecoveryCodes();
        await operators.EnrolTotpAsync(new EnrolTotpRequest
        {
            OperatorId = pending.Operator.OperatorId,
            TotpSecret = factor.Seal(pending.Operator.OperatorId, secret),
            RecoveryHashes = { codes.Select(SecondFactor.HashOf) },
        });
        return await ConfirmAsync(http, pending, step, "") ? codes : null;
    }

    private static bool IsLocked(Operator who, DateTimeOffset now) => who.LockedUntil is { } until && until.ToDateTimeOffset() > now;

    private bool MayLogIn(Operator who) => who.State == Operator.Types.State.Active && !IsLocked(who, time.GetUtcNow());

    private async Task<bool> ConfirmAsync(HttpContext http, PendingLogin pending, long step, string recoveryHash)
    {
        var token = random.NextToken();
        try
        {
            await operators.ConfirmSessionAsync(new ConfirmSessionRequest
            {
                TokenHash = pending.TokenHash,
                NewTokenHash = SessionCookie.HashOf(token),
                ExpireTime = Timestamp.FromDateTimeOffset(time.GetUtcNow() + options.Value.SessionTimeout),
                TotpStep = step,
                RecoveryHash = recoveryHash,
            });
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.FailedPrecondition or StatusCode.NotFound)
        {
            return false;
        }

        SessionCookie.Login.Delete(http);
        SessionCookie.Session.Write(http, token);
        return true;
    }

    private async Task<OperatorCredentials?> FindAsync(string name, CancellationToken cancellation)
    {
        try
        {
            return await operators.ReadCredentialsAsync(new ReadCredentialsRequest { Name = name.Trim().ToLowerInvariant() }, cancellationToken: cancellation);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
            return null;
        }
    }

    private Task WaitOutAsync(long began, CancellationToken cancellation)
    {
        var over = time.GetElapsedTime(began).Ticks % _refusalTime.Ticks;
        return Task.Delay(TimeSpan.FromTicks(_refusalTime.Ticks - over), time, cancellation);
    }
}
