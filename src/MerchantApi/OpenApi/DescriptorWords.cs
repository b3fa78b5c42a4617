using Google.Protobuf.Reflection;

namespace PayCore.MerchantApi;

/// <summary>The comments of a proto file as text.</summary>
internal static class DescriptorWords
{
    /// <summary>The comment above a declaration, without its line breaks; null when there is none.</summary>
    public static string? Words(this IDescriptor descriptor)
    {
        var declaration = descriptor switch
        {
            MessageDescriptor message => message.Declaration,
            FieldDescriptor field => field.Declaration,
            EnumDescriptor type => type.Declaration,
            EnumValueDescriptor value => value.Declaration,
            ServiceDescriptor service => service.Declaration,
            MethodDescriptor method => method.Declaration,
            _ => null,
        };
        var words = string.Join(' ', (declaration?.LeadingComments ?? "").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        return words.Length == 0 ? null : words;
    }
}
