using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using PayCore.Configuration;

namespace PayCore.Host.CommandLine;

/// <summary>A channel's fields as options: <c>--field value</c>, <c>--field @file</c>, <c>--field -</c> (standard input, or a prompt that shows nothing).</summary>
internal sealed class FieldOptions
{
    private const string Input = "-";

    private readonly IReadOnlyList<(DocumentField Field, Option<string?> Option)> _options;

    public FieldOptions(ChannelDocuments channel) => _options =
    [
        .. channel.Fields.Where(f => f.Kind.Length > 0).Select(f => (f, new Option<string?>($"--{f.Name}")
        {
            Description = $"{(f.IsRequired ? "(required) " : "")}{f.Description}",
            HelpName = f.IsSecret ? "@FILE|-" : f.Kind switch { "boolean" => "true|false", "object" => "JSON|@FILE", _ => "VALUE|@FILE" },
        })),
    ];

    /// <summary>The options.</summary>
    public IEnumerable<Option> All => _options.Select(o => o.Option);

    /// <summary>The names of the fields that were given.</summary>
    public IEnumerable<string> Given(ParseResult arguments) => _options.Where(o => arguments.GetValue(o.Option) is not null).Select(o => o.Field.Name);

    /// <summary>Puts what was given into the document. An empty value takes the member out.</summary>
    public async Task ApplyAsync(ParseResult arguments, JsonObject document)
    {
        var given = _options.Select(o => (o.Field, Value: arguments.GetValue(o.Option))).Where(o => o.Value is not null).ToList();
        if (given.Count(o => o.Value == Input) > 1)
        {
            throw new CommandFailedException("Only one field can come from standard input (-); name files for the others.");
        }

        foreach (var (field, value) in given)
        {
            var text = await ReadAsync(field, value!);
            if (text.Length == 0)
            {
                document.Remove(field.Name);
            }
            else
            {
                document[field.Name] = Convert(field, text);
            }
        }
    }

    private static async Task<string> ReadAsync(DocumentField field, string value)
    {
        if (value == Input)
        {
            return Console.IsInputRedirected ? (await Console.In.ReadToEndAsync()).TrimEnd('\r', '\n') : Prompt(field);
        }

        if (value.StartsWith('@'))
        {
            return (await OwnerFile.ReadAsync($"--{field.Name}", value[1..])).TrimEnd('\r', '\n');
        }

        if (field.IsSecret && value.Length > 0)
        {
            await Console.Error.WriteLineAsync(
                $"Warning: --{field.Name} is a secret, and the command line is seen by other users and kept by the shell. Give --{field.Name} @FILE or --{field.Name} - next time.");
        }

        return value;
    }

    private static string Prompt(DocumentField field)
    {
        Console.Error.Write($"{field.Name} (is not shown): ");
        var text = new StringBuilder();
        while (Console.ReadKey(intercept: true) is var key && key.Key != ConsoleKey.Enter)
        {
            if (key.Key != ConsoleKey.Backspace)
            {
                text.Append(key.KeyChar);
            }
            else if (text.Length > 0)
            {
                text.Length--;
            }
        }

        Console.Error.WriteLine();
        return text.ToString();
    }

    private static JsonNode Convert(DocumentField field, string text)
    {
        try
        {
            return field.Parse(text);
        }
        catch (InvalidDocumentException e)
        {
            throw new CommandFailedException($"--{e.Message}.");
        }
    }
}
