using Google.Api;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace PayCore.Contracts.V1;

/// <summary>The services that merchants call, described from the proto files with their comments, which the generated code does not keep.</summary>
public static class MerchantServices
{
    private static readonly string[] _sets = ["pay_gateway.protoset", "query_gateway.protoset", "refund_gateway.protoset", "transfer_gateway.protoset"];

    /// <summary>Every service with a method that is also served as REST.</summary>
    public static IReadOnlyList<ServiceDescriptor> All { get; } =
        [.. Files().SelectMany(f => f.Services).Where(s => s.Methods.Any(m => m.GetOptions()?.GetExtension(AnnotationsExtensions.Http) is not null))];

    /// <summary>What merchants are told: the type of each notification and the message that its <c>data</c> is.</summary>
    public static IReadOnlyDictionary<string, MessageDescriptor> Notifications { get; } = new Dictionary<string, MessageDescriptor>(
    [
        .. Told(nameof(PayOrder), "payment.paid", "payment.closed", "payment.failed"),
        .. Told(nameof(Refund), "refund.succeeded", "refund.failed", "refund.abnormal"),
        .. Told(nameof(Transfer), "transfer.succeeded", "transfer.failed", "transfer.cancelled", "transfer.returned"),
    ]);

    private static IEnumerable<KeyValuePair<string, MessageDescriptor>> Told(string message, params string[] types)
    {
        var descriptor = All.Select(s => s.File).SelectMany(f => f.Dependencies.Append(f)).SelectMany(f => f.MessageTypes).First(m => m.Name == message);
        return types.Select(t => KeyValuePair.Create(t, descriptor));
    }

    private static IReadOnlyList<FileDescriptor> Files()
    {
        var options = new ExtensionRegistry { AnnotationsExtensions.Http, FieldBehaviorExtensions.FieldBehavior };
        var files = new Dictionary<string, ByteString>(StringComparer.Ordinal);
        foreach (var name in _sets)
        {
            using var set = typeof(MerchantServices).Assembly.GetManifestResourceStream(name)!;
            foreach (var file in FileDescriptorSet.Parser.ParseFrom(set).File)
            {
                // A set names what a file imports before the file itself.
                files.TryAdd(file.Name, file.ToByteString());
            }
        }

        return FileDescriptor.BuildFromByteStrings(files.Values, options);
    }
}
