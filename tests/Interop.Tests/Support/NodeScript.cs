using System.Text.Json;
using PayCore.TestKit;

namespace PayCore.Interop.Tests.Support;

/// <summary>Runs a script of the folder <c>node</c>: parameters in, one result out, both in snake_case JSON.</summary>
internal static class NodeScript
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);

    private static readonly JsonSerializerOptions _json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
    };

    public static async Task<TResult> RunAsync<TResult>(string script, object parameters)
    {
        var output = await NodeProcess.RunAsync(NodeModules.Folder, "node", [script], JsonSerializer.Serialize(parameters, _json), _limit);
        return JsonSerializer.Deserialize<TResult>(output, _json)!;
    }
}
