namespace PayCore.Host.CommandLine;

/// <summary>A command is refused: nothing was changed. The message names the argument or field and the reason, never a secret.</summary>
internal sealed class CommandFailedException(string message) : Exception(message);
