using System.Security.Cryptography;
using System.Text;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using PayCore.Contracts.V1;
using ApprovalState = PayCore.Contracts.V1.Approval.Types.State;
using OperatorState = PayCore.Contracts.V1.Operator.Types.State;

namespace PayCore.PayDatabase.Tests;

/// <summary>The console's people: links, log-in, sessions, roles and approvals, each change with its entry of the audit log.</summary>
public sealed class OperatorsTests
{
    private static readonly string[] _managing = ["admin"];

    public static TheoryData<string> Providers => DatabaseFixture.Providers;

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task SetupLink_UsedByManyAtOnce_MakesOneAdmin(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        await db.People.CreateSetupLinkAsync(new CreateSetupLinkRequest { TokenHash = Hash("old"), ExpireTime = In(db, hours: 24) });
        await db.People.CreateSetupLinkAsync(new CreateSetupLinkRequest { TokenHash = Hash("new"), ExpireTime = In(db, hours: 24) });

        var answers = await AtOnceAsync(8, i => db.People.UseLinkAsync(new UseLinkRequest { TokenHash = Hash("new"), Name = $"ada{i}", DisplayName = "Ada", PasswordHash = "h" }).ResponseAsync);

        var ada = answers.Done.Should().ContainSingle().Which;
        (ada.State, ada.Roles.Single()).Should().Be((OperatorState.Active, "admin"));
        answers.Refused.Should().HaveCount(7).And.OnlyContain(s => s == StatusCode.NotFound);
        await RefusesAsync(StatusCode.NotFound, () => db.People.ReadLinkAsync(new ReadLinkRequest { TokenHash = Hash("old") }));
        await RefusesAsync(StatusCode.FailedPrecondition, () => db.People.CreateSetupLinkAsync(new CreateSetupLinkRequest { TokenHash = Hash("third"), ExpireTime = In(db, hours: 24) }));
        (await ActionsAsync(db)).Should().Equal("operator.setup");
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task SetupLink_AfterItsTime_OpensNothing(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        await db.People.CreateSetupLinkAsync(new CreateSetupLinkRequest { TokenHash = Hash("t"), ExpireTime = In(db, hours: 24) });
        (await db.People.ReadLinkAsync(new ReadLinkRequest { TokenHash = Hash("t") })).Kind.Should().Be(OperatorLink.Types.Kind.Setup);

        db.Clock.Advance(TimeSpan.FromHours(24));

        await RefusesAsync(StatusCode.NotFound, () => db.People.ReadLinkAsync(new ReadLinkRequest { TokenHash = Hash("t") }));
        await RefusesAsync(StatusCode.NotFound, () => db.People.UseLinkAsync(new UseLinkRequest { TokenHash = Hash("t"), Name = "ada", DisplayName = "Ada", PasswordHash = "h" }));
        (await db.People.ListOperatorsAsync(new ListOperatorsRequest())).Operators.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Invitation_MadeAnew_EndsTheLinkBeforeAndIsTakenOnce(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var first = await InviteAsync(db, "ben", "first", "viewer");
        var again = await InviteAsync(db, "ben", "second", "finance");
        again.OperatorId.Should().Be(first.OperatorId);

        await RefusesAsync(StatusCode.NotFound, () => db.People.UseLinkAsync(new UseLinkRequest { TokenHash = Hash("first"), PasswordHash = "h" }));
        var ben = await db.People.UseLinkAsync(new UseLinkRequest { TokenHash = Hash("second"), PasswordHash = "h" });
        await RefusesAsync(StatusCode.NotFound, () => db.People.UseLinkAsync(new UseLinkRequest { TokenHash = Hash("second"), PasswordHash = "other" }));

        (ben.State, ben.Roles.Single()).Should().Be((OperatorState.Active, "finance"));
        (await db.People.ReadCredentialsAsync(new ReadCredentialsRequest { Name = "ben" })).PasswordHash.Should().Be("h");
        await RefusesAsync(StatusCode.AlreadyExists, () => InviteAsync(db, "ben", "third", "admin"));
        (await ActionsAsync(db)).Should().Equal("operator.invite", "operator.invite", "operator.accept");
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Name_OfAnotherForm_IsRefusedAndNamesTheField(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        foreach (var name in (string[])["", "a", "Ada", "ada lin", "-ada", "ada\n", new('a', 65)])
        {
            (await RefusesAsync(StatusCode.InvalidArgument, () => InviteAsync(db, name, "t", "viewer"))).Should().Contain("name", name);
        }
    }

    /// <summary>From the fifth failure in a row on, twice as long each time, a quarter of an hour at most; tries while it is locked change nothing.</summary>
    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Failures_InARow_LockForLongerEachTime(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var ada = await HireAsync(db, "ada", "admin");
        for (var i = 1; i < 5; i++)
        {
            (await FailAsync(db, ada)).Should().BeNull($"failure {i}");
        }

        foreach (var seconds in (int[])[30, 60, 120, 240, 480, 900, 900])
        {
            var until = await FailAsync(db, ada);
            until.Should().Be(db.Clock.GetUtcNow().AddSeconds(seconds));
            (await FailAsync(db, ada)).Should().Be(until, "whoever tries on does not keep the owner out");
            await RefusesAsync(StatusCode.FailedPrecondition, () => BeginAsync(db, ada, "locked"));
            db.Clock.Advance(TimeSpan.FromSeconds(seconds));
        }

        await BeginAsync(db, ada, "one");
        await ConfirmAsync(db, "one", "two", step: 1);
        (await FailAsync(db, ada)).Should().BeNull("a log-in begins the count anew");
        (await ActionsAsync(db)).Count(a => a == "operator.lock").Should().Be(7);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Code_OfOneTimeStep_IsTakenOnceByManyAtOnce(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var ada = await HireAsync(db, "ada", "admin");
        foreach (var i in Enumerable.Range(0, 6))
        {
            await BeginAsync(db, ada, $"a{i}");
        }

        var answers = await AtOnceAsync(6, i => ConfirmAsync(db, $"a{i}", $"b{i}", step: 100));

        answers.Done.Should().ContainSingle();
        answers.Refused.Should().OnlyContain(s => s == StatusCode.FailedPrecondition);
        await BeginAsync(db, ada, "c");
        await RefusesAsync(StatusCode.FailedPrecondition, () => ConfirmAsync(db, "c", "d", step: 99));
        (await ConfirmAsync(db, "c", "d", step: 101)).Confirmed.Should().BeTrue();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task RecoveryCode_OpensOnce(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var ada = await HireAsync(db, "ada", "admin");
        await BeginAsync(db, ada, "a");
        (await ConfirmAsync(db, "a", "b", recovery: "r1")).Operator.RecoveryCodesLeft.Should().Be(1);

        await BeginAsync(db, ada, "c");
        await RefusesAsync(StatusCode.FailedPrecondition, () => ConfirmAsync(db, "c", "d", recovery: "r1"));
        await RefusesAsync(StatusCode.FailedPrecondition, () => ConfirmAsync(db, "c", "d", recovery: "unknown"));
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task RecoveryCodes_MadeAnew_ReplaceThoseBefore(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var ada = await HireAsync(db, "ada", "admin");
        var renew = new RenewRecoveryCodesRequest { OperatorId = ada.OperatorId, TotpStep = 7, RecoveryHashes = { Hash("n1"), Hash("n2"), Hash("n3") } };

        (await db.People.RenewRecoveryCodesAsync(renew)).RecoveryCodesLeft.Should().Be(3);

        await RefusesAsync(StatusCode.FailedPrecondition, () => db.People.RenewRecoveryCodesAsync(renew));
        await BeginAsync(db, ada, "a");
        await RefusesAsync(StatusCode.FailedPrecondition, () => ConfirmAsync(db, "a", "b", step: 7));
        await RefusesAsync(StatusCode.FailedPrecondition, () => ConfirmAsync(db, "a", "b", recovery: "r1"));
        await ConfirmAsync(db, "a", "b", recovery: "n1");
        (await ActionsAsync(db)).Should().ContainSingle(a => a == "operator.recovery-codes");
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Session_IsOneOnlyAfterTheSecondFactorAndUntilItsEnd(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var ada = await HireAsync(db, "ada", "admin");
        (await BeginAsync(db, ada, "half")).Confirmed.Should().BeFalse();
        (await db.People.ListSessionsAsync(new ListSessionsRequest { OperatorId = ada.OperatorId })).Sessions.Should().BeEmpty("half a log-in is none");
        var whole = await ConfirmAsync(db, "half", "whole", step: 1);

        await RefusesAsync(StatusCode.NotFound, () => ReadAsync(db, "half"));
        (await ReadAsync(db, "whole")).SessionId.Should().Be(whole.SessionId);
        db.Clock.Advance(TimeSpan.FromMinutes(20));
        (await ReadAsync(db, "whole", touch: true)).SeenTime.ToDateTimeOffset().Should().Be(db.Clock.GetUtcNow());
        db.Clock.Advance(TimeSpan.FromMinutes(20));
        await ReadAsync(db, "whole");
        db.Clock.Advance(TimeSpan.FromMinutes(11));
        await RefusesAsync(StatusCode.NotFound, () => ReadAsync(db, "whole"));
        (await db.People.ListSessionsAsync(new ListSessionsRequest { OperatorId = ada.OperatorId, SeenAfter = In(db, hours: -0.5) })).Sessions.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Sessions_EndedOneOrAllButOne_OpenNothingAnyMore(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var (ada, ben) = (await HireAsync(db, "ada", "admin"), await HireAsync(db, "ben", "admin"));
        var mine = new List<OperatorSession>();
        for (var i = 0; i < 4; i++)
        {
            await BeginAsync(db, ada, $"a{i}");
            mine.Add(await ConfirmAsync(db, $"a{i}", $"s{i}", step: i + 1));
        }

        await BeginAsync(db, ben, "b");
        await ConfirmAsync(db, "b", "bens", step: 1);

        (await db.People.EndSessionsAsync(new EndSessionsRequest { OperatorId = ben.OperatorId, SessionId = mine[0].SessionId, By = "ben" })).Ended.Should().Be(0, "it is not theirs");
        (await db.People.EndSessionsAsync(new EndSessionsRequest { OperatorId = ada.OperatorId, SessionId = mine[0].SessionId, By = "ada" })).Ended.Should().Be(1);
        (await db.People.EndSessionsAsync(new EndSessionsRequest { OperatorId = ada.OperatorId, ButSessionId = mine[3].SessionId, By = "ada" })).Ended.Should().Be(2);
        (await db.People.EndSessionsAsync(new EndSessionsRequest { OperatorId = ada.OperatorId, ButSessionId = mine[3].SessionId, By = "ada" })).Ended.Should().Be(0);

        for (var i = 0; i < 3; i++)
        {
            await RefusesAsync(StatusCode.NotFound, () => ReadAsync(db, $"s{i}"));
        }

        await ReadAsync(db, "s3");
        await ReadAsync(db, "bens");
        (await ActionsAsync(db)).Count(a => a == "session.end").Should().Be(2, "what ended nothing is no change");
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task NewPassword_EndsTheOtherSessions(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var ada = await HireAsync(db, "ada", "admin");
        await BeginAsync(db, ada, "a");
        await ConfirmAsync(db, "a", "other", step: 1);
        await BeginAsync(db, ada, "b");
        var mine = await ConfirmAsync(db, "b", "mine", step: 2);

        await db.People.ChangePasswordAsync(new ChangePasswordRequest { OperatorId = ada.OperatorId, PasswordHash = "secret-hash", ButSessionId = mine.SessionId, By = "ada" });

        await ReadAsync(db, "mine");
        await RefusesAsync(StatusCode.NotFound, () => ReadAsync(db, "other"));
        (await EntriesAsync(db)).Should().NotContain(e => e.Before.Contains("secret-hash") || e.After.Contains("secret-hash"));
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Disabled_OrWithoutTheirSecondFactor_NobodyStaysIn(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var (ada, ben) = (await HireAsync(db, "ada", "admin"), await HireAsync(db, "ben", "viewer"));
        await BeginAsync(db, ben, "a");
        await ConfirmAsync(db, "a", "s", step: 1);

        var reset = await db.People.ResetTotpAsync(new ResetTotpRequest { OperatorId = ben.OperatorId, By = "ada" });
        (reset.HasTotp, reset.RecoveryCodesLeft).Should().Be((false, 0));
        await RefusesAsync(StatusCode.NotFound, () => ReadAsync(db, "s"));
        await BeginAsync(db, ben, "b");
        await RefusesAsync(StatusCode.FailedPrecondition, () => ConfirmAsync(db, "b", "t", step: 9));
        await db.People.EnrolTotpAsync(new EnrolTotpRequest { OperatorId = ben.OperatorId, TotpSecret = "another-sealed-secret" });
        await ConfirmAsync(db, "b", "t", step: 9);

        var disabled = await ChangeAsync(db, await ReadOperatorAsync(db, ben), disabled: true);
        await RefusesAsync(StatusCode.NotFound, () => ReadAsync(db, "t"));
        await RefusesAsync(StatusCode.FailedPrecondition, () => BeginAsync(db, ben, "c"));
        (await ChangeAsync(db, disabled, disabled: false)).State.Should().Be(OperatorState.Active);
        (await ActionsAsync(db)).Should().ContainInOrder("operator.reset-totp", "operator.enrol", "operator.login", "operator.disable", "operator.enable");
        ada.State.Should().Be(OperatorState.Active);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task PasswordReset_TakesTheOldOneAndOpensOnceForANewOne_AndTheSecondFactorStays(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var ben = await HireAsync(db, "ben", "viewer");
        await BeginAsync(db, ben, "a");
        await ConfirmAsync(db, "a", "s", step: 1);
        for (var i = 0; i < 5; i++)
        {
            await db.People.RecordLoginFailureAsync(new RecordLoginFailureRequest { OperatorId = ben.OperatorId });
        }

        await ResetPasswordAsync(db, ben, "first");
        await ResetPasswordAsync(db, ben, "second");

        (await db.People.ReadCredentialsAsync(new ReadCredentialsRequest { Name = "ben" })).PasswordHash.Should().BeEmpty();
        await RefusesAsync(StatusCode.NotFound, () => ReadAsync(db, "s"));
        (await db.People.ReadLinkAsync(new ReadLinkRequest { TokenHash = Hash("second") })).Kind.Should().Be(OperatorLink.Types.Kind.Password);
        await RefusesAsync(StatusCode.NotFound, () => db.People.UseLinkAsync(new UseLinkRequest { TokenHash = Hash("first"), PasswordHash = "new" }));
        var back = await db.People.UseLinkAsync(new UseLinkRequest { TokenHash = Hash("second"), PasswordHash = "new" });
        await RefusesAsync(StatusCode.NotFound, () => db.People.UseLinkAsync(new UseLinkRequest { TokenHash = Hash("second"), PasswordHash = "other" }));

        (back.State, back.HasTotp, back.LockedUntil is null).Should().Be((OperatorState.Active, true, true));
        (await db.People.ReadCredentialsAsync(new ReadCredentialsRequest { Name = "ben" })).PasswordHash.Should().Be("new");
        (await ActionsAsync(db)).Should().ContainInOrder("operator.reset-password", "operator.reset-password", "operator.accept");
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task PasswordReset_OfOneWhoMayNotLogIn_IsRefusedAndOpensNothing(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        await HireAsync(db, "ada", "admin");
        var ben = await HireAsync(db, "ben", "viewer");
        var invited = await InviteAsync(db, "dora", "invitation", "viewer");
        await ResetPasswordAsync(db, ben, "early");
        await ChangeAsync(db, await ReadOperatorAsync(db, ben), disabled: true);

        await RefusesAsync(StatusCode.NotFound, () => db.People.UseLinkAsync(new UseLinkRequest { TokenHash = Hash("early"), PasswordHash = "h" }));
        await RefusesAsync(StatusCode.FailedPrecondition, () => ResetPasswordAsync(db, ben, "late"));
        await RefusesAsync(StatusCode.FailedPrecondition, () => ResetPasswordAsync(db, invited, "late"));
        await RefusesAsync(StatusCode.NotFound, () => db.People.ReadLinkAsync(new ReadLinkRequest { TokenHash = Hash("late") }).ResponseAsync);
        (await db.People.ReadLinkAsync(new ReadLinkRequest { TokenHash = Hash("invitation") })).Operator.Name.Should().Be("dora");
    }

    /// <summary>Two who disable one another at the same time: one of them is left.</summary>
    [Theory]
    [MemberData(nameof(Providers))]
    public async Task LastWhoManages_StaysAlsoWhenTwoLeaveAtOnce(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var both = new[] { await HireAsync(db, "ada", "admin"), await HireAsync(db, "ben", "admin") };
        await HireAsync(db, "chen", "finance");

        var answers = await AtOnceAsync(2, i => ChangeAsync(db, both[i], disabled: true));

        answers.Done.Should().ContainSingle();
        answers.Refused.Should().Equal(StatusCode.FailedPrecondition);
        var left = (await db.People.ListOperatorsAsync(new ListOperatorsRequest())).Operators.Single(o => o.State == OperatorState.Active && o.Roles.Contains("admin"));
        await RefusesAsync(StatusCode.FailedPrecondition, () => ChangeAsync(db, left, disabled: false, "viewer"));
        (await ReadOperatorAsync(db, left)).Roles.Should().Equal("admin");
        await RefusesAsync(StatusCode.Aborted, () => ChangeAsync(db, both[0], disabled: false, "viewer"), "it was changed in the meantime, or is the last one", StatusCode.FailedPrecondition);
    }

    /// <summary>Who manages does so by a custom role: a change of the role must leave one who does.</summary>
    [Theory]
    [MemberData(nameof(Providers))]
    public async Task LastWhoManages_ByACustomRole_StaysWhenTheRoleIsChanged(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var role = await db.People.SaveRoleAsync(new SaveRoleRequest { Role = new OperatorRole { Name = "boss", Permissions = { "ManageOperators" } }, By = "ada" });
        await HireAsync(db, "ada", "boss");

        role.Permissions.Clear();
        role.Permissions.Add("ViewHome");
        await RefusesAsync(StatusCode.FailedPrecondition, () => db.People.SaveRoleAsync(new SaveRoleRequest { Role = role, By = "ada", ManagingRoles = { _managing } }));

        (await db.People.ListRolesAsync(new ListRolesRequest())).Roles.Single().Permissions.Should().Equal("ManageOperators");
        await HireAsync(db, "ben", "admin");
        (await db.People.SaveRoleAsync(new SaveRoleRequest { Role = role, By = "ada", ManagingRoles = { _managing } })).Permissions.Should().Equal("ViewHome");
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Role_ChangedByTwo_OneIsToldAndWhoHasItKeepsIt(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var role = await db.People.SaveRoleAsync(new SaveRoleRequest { Role = new OperatorRole { Name = "support", Permissions = { "ViewHome" } }, By = "ada" });

        role.Permissions.Add("ViewMoney");
        var answers = await AtOnceAsync(2, i => db.People.SaveRoleAsync(new SaveRoleRequest { Role = role, By = $"ada{i}" }).ResponseAsync);

        answers.Done.Should().ContainSingle();
        answers.Refused.Should().Equal(StatusCode.Aborted);
        await HireAsync(db, "chen", "support");
        await RefusesAsync(StatusCode.FailedPrecondition, () => db.People.DeleteRoleAsync(new DeleteRoleRequest { Name = "support", By = "ada" }));
        (await db.People.ListRolesAsync(new ListRolesRequest())).Roles.Single().Version.Should().Be(2);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Approval_OfTheSameSubject_IsOneWhileItIsOpen(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);

        var answers = await AtOnceAsync(8, i => AskAsync(db, "R1", $"ada{i}"));

        answers.Done.Should().HaveCount(8);
        var open = answers.Done.Select(a => a.ApprovalId).Distinct().Should().ContainSingle().Which;
        (await ActionsAsync(db)).Should().Equal("approval.request");
        await DecideAsync(db, open, "ben", approve: false);
        (await AskAsync(db, "R1", "ada")).ApprovalId.Should().NotBe(open, "a declined one may be asked for anew");
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Approval_ByWhoAskedForIt_IsNeverDecided(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var asked = await AskAsync(db, "R1", "ada");

        foreach (var approve in (bool[])[true, false])
        {
            await RefusesAsync(StatusCode.PermissionDenied, () => DecideAsync(db, asked.ApprovalId, "ada", approve));
        }

        (await ReadApprovalAsync(db, asked)).State.Should().Be(ApprovalState.Open);
        await RefusesAsync(StatusCode.FailedPrecondition, () => ClaimAsync(db, asked));
        (await ActionsAsync(db)).Should().Equal("approval.request");
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Approval_DecidedByManyAtOnce_IsDecidedOnce(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var asked = await AskAsync(db, "R1", "ada");

        var answers = await AtOnceAsync(10, i => DecideAsync(db, asked.ApprovalId, $"ben{i}", approve: i % 2 == 0));

        var decided = answers.Done.Should().ContainSingle().Which;
        answers.Refused.Should().OnlyContain(s => s == StatusCode.FailedPrecondition);
        (await ReadApprovalAsync(db, asked)).Should().Be(decided);
        (await DecideAsync(db, asked.ApprovalId, decided.DecidedBy, decided.State == ApprovalState.Approved)).Should().Be(decided, "the same once more is answered");
        (await ActionsAsync(db)).Should().HaveCount(2);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Approval_TakenByManyAtOnce_IsExecutedByOneUntilTheLeaseIsOver(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var asked = await AskAsync(db, "R1", "ada");
        await DecideAsync(db, asked.ApprovalId, "ben", approve: true);
        (await AskAsync(db, "R1", "ada")).ApprovalId.Should().Be(asked.ApprovalId, "what is approved may still be done: a second one would do it twice");

        var answers = await AtOnceAsync(8, _ => ClaimAsync(db, asked));

        answers.Done.Should().ContainSingle();
        answers.Refused.Should().HaveCount(7).And.OnlyContain(s => s == StatusCode.FailedPrecondition);
        db.Clock.Advance(TimeSpan.FromMinutes(2));
        (await ClaimAsync(db, asked)).ApprovalId.Should().Be(asked.ApprovalId, "what nobody knows the outcome of is done again");
        var done = await RecordAsync(db, asked, succeeded: true);
        (done.State, done.Outcome).Should().Be((ApprovalState.Executed, "done"));
        (await RecordAsync(db, asked, succeeded: false)).Should().Be(done, "the first outcome stands");
        await RefusesAsync(StatusCode.FailedPrecondition, () => ClaimAsync(db, asked));
        (await ActionsAsync(db)).Should().Equal("approval.request", "approval.approve", "approval.execute");
        (await AskAsync(db, "R1", "ada")).ApprovalId.Should().NotBe(asked.ApprovalId, "that one is done");
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Approvals_ByPages_AreAllOfThemNewestFirst(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var all = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            db.Clock.Advance(TimeSpan.FromSeconds(1));
            all.Insert(0, (await AskAsync(db, $"R{i}", "ada")).ApprovalId);
        }

        await DecideAsync(db, all[1], "ben", approve: false);

        (await PagesAsync(openOnly: false)).Should().Equal(all);
        (await PagesAsync(openOnly: true)).Should().Equal(all.Where(a => a != all[1]));

        var up = await db.People.ListApprovalsAsync(new ListApprovalsRequest { Limit = 2, AfterApprovalId = all[3] });
        up.Approvals.Select(a => a.ApprovalId).Should().Equal(all[2], all[1]);

        async Task<List<string>> PagesAsync(bool openOnly)
        {
            var found = new List<string>();
            for (var request = new ListApprovalsRequest { Limit = 2, OpenOnly = openOnly }; ;)
            {
                var page = (await db.People.ListApprovalsAsync(request)).Approvals;
                found.AddRange(page.Select(a => a.ApprovalId));
                if (page.Count == 0)
                {
                    return found;
                }

                request.BeforeApprovalId = page[^1].ApprovalId;
            }
        }
    }

    /// <summary>A change whose entry cannot be written is not made: they are one transaction.</summary>
    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Change_WhoseAuditEntryFails_IsNotMade(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var ada = await HireAsync(db, "ada", "admin");
        var ben = await HireAsync(db, "ben", "viewer");
        await BeginAsync(db, ben, "a");
        await ConfirmAsync(db, "a", "s", step: 1);
        var asked = await AskAsync(db, "R1", "ada");
        // The number of the next entry is taken already.
        await db.ExecuteAsync("INSERT INTO audit_entry SELECT number + 1, created_at, by_whom, action, subject, before_text, after_text, previous_hash, hash FROM audit_entry ORDER BY number DESC LIMIT 1");

        var changes = new (string Name, Func<Task> Run)[]
        {
            ("roles", () => ChangeAsync(db, ben, disabled: false, "admin")),
            ("disable", () => ChangeAsync(db, ben, disabled: true)),
            ("reset", () => db.People.ResetTotpAsync(new ResetTotpRequest { OperatorId = ben.OperatorId, By = "ada" }).ResponseAsync),
            ("reset password", () => ResetPasswordAsync(db, ben, "r")),
            ("sessions", () => db.People.EndSessionsAsync(new EndSessionsRequest { OperatorId = ben.OperatorId, By = "ada" }).ResponseAsync),
            ("password", () => db.People.ChangePasswordAsync(new ChangePasswordRequest { OperatorId = ben.OperatorId, PasswordHash = "other", By = "ben" }).ResponseAsync),
            ("invite", () => InviteAsync(db, "dora", "t", "viewer")),
            ("role", () => db.People.SaveRoleAsync(new SaveRoleRequest { Role = new OperatorRole { Name = "support", Permissions = { "ViewHome" } }, By = "ada" }).ResponseAsync),
            ("decide", () => DecideAsync(db, asked.ApprovalId, "ben", approve: true)),
            ("ask", () => AskAsync(db, "R2", "ada")),
        };
        foreach (var (name, run) in changes)
        {
            await run.Should().ThrowAsync<RpcException>(name);
        }

        var after = await ReadOperatorAsync(db, ben);
        after.Should().Be(await ReadOperatorAsync(db, ben));
        (after.Version, after.State, after.HasTotp, after.Roles.Single()).Should().Be((ben.Version, OperatorState.Active, true, "viewer"));
        await ReadAsync(db, "s");
        (await db.People.ReadCredentialsAsync(new ReadCredentialsRequest { Name = "ben" })).PasswordHash.Should().Be("h");
        (await db.People.ListOperatorsAsync(new ListOperatorsRequest())).Operators.Select(o => o.Name).Should().Equal("ada", "ben");
        (await db.People.ListRolesAsync(new ListRolesRequest())).Roles.Should().BeEmpty();
        (await db.People.ListApprovalsAsync(new ListApprovalsRequest())).Approvals.Should().Equal(asked);
        ada.Name.Should().Be("ada");
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Entries_HoldNoSecret(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var ada = await HireAsync(db, "ada", "admin");
        await BeginAsync(db, ada, "a");
        await ConfirmAsync(db, "a", "s", step: 1);
        await db.People.ResetTotpAsync(new ResetTotpRequest { OperatorId = ada.OperatorId, By = "ben" });

        var text = string.Concat((await EntriesAsync(db)).Select(e => e.Before + e.After));
        text.Should().NotContainAny("\"h\"", "sealed-secret", Hash("a"), Hash("s"), Hash("r1"), Hash("invite ada"));
        (await db.Client.VerifyAuditAsync(new VerifyAuditRequest())).BrokenNumber.Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Views_AreTheirOwners(string provider)
    {
        await using var db = await DatabaseFixture.StartAsync(provider);
        var (ada, ben) = (await HireAsync(db, "ada", "admin"), await HireAsync(db, "ben", "admin"));
        var view = await SaveAsync(ada, "?state=PAID");
        (await SaveAsync(ada, "?state=FAILED")).ViewId.Should().Be(view.ViewId, "the name again replaces it");
        await db.People.DeleteViewAsync(new DeleteViewRequest { OperatorId = ben.OperatorId, ViewId = view.ViewId });

        (await ListAsync(ada)).Single().Query.Should().Be("?state=FAILED");
        (await ListAsync(ben)).Should().BeEmpty();
        await db.People.DeleteViewAsync(new DeleteViewRequest { OperatorId = ada.OperatorId, ViewId = view.ViewId });
        (await ListAsync(ada)).Should().BeEmpty();

        async Task<SavedView> SaveAsync(Operator whose, string query) =>
            await db.People.SaveViewAsync(new SaveViewRequest { View = new SavedView { OperatorId = whose.OperatorId, Page = "payments", Name = "Late ones", Query = query } });

        async Task<IEnumerable<SavedView>> ListAsync(Operator whose) => (await db.People.ListViewsAsync(new ListViewsRequest { OperatorId = whose.OperatorId, Page = "payments" })).Views;
    }

    /// <summary>An active operator with a second factor and two recovery codes.</summary>
    internal static async Task<Operator> HireAsync(DatabaseFixture db, string name, params string[] roles)
    {
        await InviteAsync(db, name, $"invite {name}", roles);
        var hired = await db.People.UseLinkAsync(new UseLinkRequest { TokenHash = Hash($"invite {name}"), PasswordHash = "h" });
        return await db.People.EnrolTotpAsync(new EnrolTotpRequest { OperatorId = hired.OperatorId, TotpSecret = "a-sealed-secret-of-some-length", RecoveryHashes = { Hash("r1"), Hash("r2") } });
    }

    internal static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    internal static async Task<Approval> AskAsync(DatabaseFixture db, string subject, string by) => await db.People.RequestApprovalAsync(new RequestApprovalRequest
    {
        Approval = new Approval
        {
            Kind = Approval.Types.Kind.Refund, Subject = subject, Summary = "¥1,250.00 back", Action = "{}", AmountMinor = 125_000, Currency = "CNY", RequestedBy = by, RequestReason = "why",
        },
    });

    internal static async Task<Approval> DecideAsync(DatabaseFixture db, string approvalId, string by, bool approve) =>
        await db.People.DecideApprovalAsync(new DecideApprovalRequest { ApprovalId = approvalId, Approve = approve, By = by, Reason = "looked at it" });

    private static async Task<Operator> InviteAsync(DatabaseFixture db, string name, string token, params string[] roles) => await db.People.InviteOperatorAsync(
        new InviteOperatorRequest { Name = name, DisplayName = "Some Body", Roles = { roles }, TokenHash = Hash(token), ExpireTime = In(db, hours: 24), By = "ada" });

    internal static async Task<Operator> ResetPasswordAsync(DatabaseFixture db, Operator whose, string token) => await db.People.ResetPasswordAsync(
        new ResetPasswordRequest { OperatorId = whose.OperatorId, TokenHash = Hash(token), ExpireTime = In(db, hours: 24), By = "ada" });

    private static async Task<OperatorSession> BeginAsync(DatabaseFixture db, Operator whose, string token) => await db.People.BeginSessionAsync(
        new BeginSessionRequest { OperatorId = whose.OperatorId, TokenHash = Hash(token), ExpireTime = In(db, hours: 0.2), ClientIp = "192.0.2.7", UserAgent = "Firefox" });

    private static async Task<OperatorSession> ConfirmAsync(DatabaseFixture db, string token, string newToken, long step = 0, string recovery = "") =>
        await db.People.ConfirmSessionAsync(new ConfirmSessionRequest
        {
            TokenHash = Hash(token), NewTokenHash = Hash(newToken), ExpireTime = In(db, hours: 12), TotpStep = step, RecoveryHash = recovery.Length > 0 ? Hash(recovery) : "",
        });

    private static async Task<OperatorSession> ReadAsync(DatabaseFixture db, string token, bool touch = false) =>
        await db.People.ReadSessionAsync(new ReadSessionRequest { TokenHash = Hash(token), Touch = touch, SeenAfter = In(db, hours: -0.5) });

    private static async Task<DateTimeOffset?> FailAsync(DatabaseFixture db, Operator whose) =>
        (await db.People.RecordLoginFailureAsync(new RecordLoginFailureRequest { OperatorId = whose.OperatorId })).LockedUntil?.ToDateTimeOffset();

    private static async Task<Operator> ReadOperatorAsync(DatabaseFixture db, Operator whose) =>
        await db.People.ReadOperatorAsync(new ReadOperatorRequest { OperatorId = whose.OperatorId });

    private static async Task<Operator> ChangeAsync(DatabaseFixture db, Operator whose, bool disabled, params string[] roles) => await db.People.ChangeOperatorAsync(new ChangeOperatorRequest
    {
        OperatorId = whose.OperatorId,
        Version = whose.Version,
        Roles = { roles.Length > 0 ? roles : [.. whose.Roles] },
        Disabled = disabled,
        By = "ada",
        ManagingRoles = { _managing },
    });

    private static async Task<Approval> ReadApprovalAsync(DatabaseFixture db, Approval which) => await db.People.ReadApprovalAsync(new ReadApprovalRequest { ApprovalId = which.ApprovalId });

    private static async Task<Approval> ClaimAsync(DatabaseFixture db, Approval which) =>
        await db.People.ClaimApprovalAsync(new ClaimApprovalRequest { ApprovalId = which.ApprovalId, LeaseTime = In(db, hours: 2 / 60.0) });

    private static async Task<Approval> RecordAsync(DatabaseFixture db, Approval which, bool succeeded) => await db.People.RecordExecutionAsync(
        new RecordExecutionRequest { ApprovalId = which.ApprovalId, Succeeded = succeeded, Outcome = "done", By = "ben" });

    private static async Task<IReadOnlyList<AuditEntry>> EntriesAsync(DatabaseFixture db) => (await db.Client.ListAuditAsync(new ListAuditRequest { Limit = 200 })).Entries;

    private static async Task<IEnumerable<string>> ActionsAsync(DatabaseFixture db) => (await EntriesAsync(db)).Select(e => e.Action);

    private static Timestamp In(DatabaseFixture db, double hours) => Timestamp.FromDateTimeOffset(db.Clock.GetUtcNow().AddHours(hours));

    private static async Task<string> RefusesAsync<T>(StatusCode status, Func<Task<T>> call, string because = "", StatusCode? or = null)
    {
        var refusal = (await call.Should().ThrowAsync<RpcException>(because)).Which;
        refusal.StatusCode.Should().BeOneOf(status, or ?? status);
        return refusal.Status.Detail;
    }

    private static Task<string> RefusesAsync<T>(StatusCode status, Func<AsyncUnaryCall<T>> call) => RefusesAsync(status, () => call().ResponseAsync);

    private static async Task<(IReadOnlyList<T> Done, IReadOnlyList<StatusCode> Refused)> AtOnceAsync<T>(int count, Func<int, Task<T>> call)
    {
        var done = new System.Collections.Concurrent.ConcurrentQueue<T>();
        var refused = new System.Collections.Concurrent.ConcurrentQueue<StatusCode>();
        await Task.WhenAll(Enumerable.Range(0, count).Select(async i =>
        {
            await Task.Yield();
            try
            {
                done.Enqueue(await call(i));
            }
            catch (RpcException e)
            {
                refused.Enqueue(e.StatusCode);
            }
        }));
        return ([.. done], [.. refused]);
    }
}
