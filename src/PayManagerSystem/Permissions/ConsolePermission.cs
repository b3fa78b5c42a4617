namespace PayCore.PayManagerSystem.Permissions;

/// <summary>What an operator may do: a closed list. A role is a set of these; each page and each action demands one.</summary>
public enum ConsolePermission
{
    /// <summary>The state of the money at a glance, and one's own account.</summary>
    ViewHome,

    /// <summary>Payments with their stories, refunds and transfers.</summary>
    ViewMoney,

    /// <summary>Deliveries to merchants.</summary>
    ViewDeliveries,

    /// <summary>Callbacks as they came.</summary>
    ViewCallbacks,

    /// <summary>What waits for a person.</summary>
    ViewExceptions,

    /// <summary>Channel accounts, merchants and apps; never their secrets.</summary>
    ViewConfiguration,

    /// <summary>Who the operators are and what they may.</summary>
    ViewPeople,

    /// <summary>What needs two people.</summary>
    ViewApprovals,

    /// <summary>The audit log.</summary>
    ViewAudit,

    /// <summary>Services, versions, queues.</summary>
    ViewSystem,

    /// <summary>Exporting lists as files.</summary>
    Export,

    /// <summary>Asking a channel how a payment stands.</summary>
    QueryPayment,

    /// <summary>Closing a payment that is not paid.</summary>
    ClosePayment,

    /// <summary>Giving money back.</summary>
    Refund,

    /// <summary>Asking for, approving or cancelling transfers.</summary>
    Transfer,

    /// <summary>Sending notifications again, and test events.</summary>
    ResendDelivery,

    /// <summary>Settling what waits for a person.</summary>
    ResolveException,

    /// <summary>Deciding what another operator asked for.</summary>
    DecideApproval,

    /// <summary>Changing channel accounts, merchants, apps and keys.</summary>
    ChangeConfiguration,

    /// <summary>Inviting, changing and disabling operators; their second factor and sessions.</summary>
    ManageOperators,

    /// <summary>Changing custom roles.</summary>
    ManageRoles,
}
