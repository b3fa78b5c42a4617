using Microsoft.Extensions.Options;

namespace PayCore.NotifyGateway.Queue;

/// <summary>Which queue wakes the workers (section <c>Queue</c>). A wrong setting stops the process at start; a broker that is away does not.</summary>
public sealed class QueueOptions
{
    /// <summary><c>embedded</c> (default: inside the process, for one instance) or <c>rabbitmq</c> (several instances share the work).</summary>
    public string Provider { get; set; } = "embedded";

    /// <summary>The broker, when it is <c>rabbitmq</c>.</summary>
    public RabbitMqOptions RabbitMq { get; set; } = new();
}

/// <summary>Where RabbitMQ is.</summary>
public sealed class RabbitMqOptions
{
    /// <summary>
    /// <c>amqp://user:password@host:port/vhost</c>, or <c>amqps</c> with a certificate that this machine trusts. Holds a secret: give it by the environment or a file, and
    /// never RabbitMQ's own <c>guest</c>, except on this machine.
    /// </summary>
    public string Uri { get; set; } = "";

    /// <summary>The queue's name, the same in every instance. Default <c>paycore.notify</c>.</summary>
    public string Name { get; set; } = "paycore.notify";

    /// <summary>What is wrong with these settings, without a word of the secret; null when nothing is.</summary>
    internal string? Problem
    {
        get
        {
            if (!System.Uri.TryCreate(Uri, UriKind.Absolute, out var uri) || uri.Scheme is not ("amqp" or "amqps") || uri.Host.Length == 0)
            {
                return "Queue:RabbitMq:Uri is amqp:// or amqps://, then user:password@host/vhost.";
            }

            if (uri.UserInfo.Split(':') is not [{ Length: > 0 } user, { Length: > 0 } password])
            {
                return "Queue:RabbitMq:Uri names a user and a password; special characters in them are percent-encoded.";
            }

            return user == "guest" && password == "guest" && !uri.IsLoopback ? "Queue:RabbitMq:Uri has RabbitMQ's default password."
                : Name.Length is 0 or > 200 ? "Queue:RabbitMq:Name has 1 to 200 characters."
                : null;
        }
    }
}

/// <summary>Refuses wrong settings of the queue.</summary>
internal sealed class QueueOptionsRules : IValidateOptions<QueueOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, QueueOptions options)
    {
        var problem = options.Provider switch
        {
            "embedded" => null,
            "rabbitmq" => options.RabbitMq.Problem,
            _ => $"Queue:Provider is '{options.Provider}'; it is embedded or rabbitmq.",
        };
        return problem is null ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problem);
    }
}
