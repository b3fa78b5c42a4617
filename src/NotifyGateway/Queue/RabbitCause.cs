using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace PayCore.NotifyGateway.Queue;

/// <summary>Why the broker is not used, for whoever is to mend it. Holds neither address nor password.</summary>
internal static class RabbitCause
{
    public static string Of(Exception e, string queue) => Chain(e).Select(c => Known(c, queue)).FirstOrDefault(k => k is not null)
        ?? $"{e.GetBaseException().GetType().Name}: {e.GetBaseException().Message.TrimEnd('.')}.";

    private static string? Known(Exception e, string queue) => e switch
    {
        AuthenticationFailureException => "it refuses the user or the password of Queue:RabbitMq:Uri.",
        OperationInterruptedException { ShutdownReason.ReplyCode: Constants.PreconditionFailed } =>
            $"the queue {queue} is there with other properties than ours; delete it, or choose another Queue:RabbitMq:Name.",
        OperationInterruptedException { ShutdownReason.ReplyCode: Constants.AccessRefused } =>
            $"the user of Queue:RabbitMq:Uri may not declare, read and write the queue {queue}.",
        OperationInterruptedException { ShutdownReason.ReplyCode: Constants.NotAllowed } =>
            "the virtual host of Queue:RabbitMq:Uri is not there, or not for this user.",
        PublishException { IsReturn: true } => $"the queue {queue} is gone.",
        _ => null,
    };

    private static IEnumerable<Exception> Chain(Exception? e) => e switch
    {
        null => [],
        AggregateException many => [e, .. many.InnerExceptions.SelectMany(Chain)],
        _ => [e, .. Chain(e.InnerException)],
    };
}
