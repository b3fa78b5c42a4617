using Availability = PayCore.Contracts.V1.StatementPart.Types.Availability;

namespace PayCore.Channels.Wechat;

/// <summary>A statement that cannot be given, or is not whole. The message names the line, never its content.</summary>
internal sealed class StatementException(string message, Availability availability = Availability.Failed) : Exception(message)
{
    /// <summary>What to tell.</summary>
    public Availability Availability { get; } = availability;
}
