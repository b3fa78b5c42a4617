using System.Text.Json;
using System.Text.Json.Serialization;
using PayCore.Host.Demonstration;

namespace PayCore.Host.Cluster;

/// <summary>How far a cluster is.</summary>
internal enum ClusterPhase
{
    /// <summary>Its parts are being started.</summary>
    Starting,

    /// <summary>Every part answered.</summary>
    Ready,

    /// <summary>A part did not start; the others are stopped.</summary>
    Failed,

    /// <summary>Its parts are being stopped.</summary>
    Stopping,
}

/// <summary>How far a part is.</summary>
internal enum PartPhase
{
    /// <summary>Another part comes first.</summary>
    Waiting,

    /// <summary>Started, and does not answer yet.</summary>
    Starting,

    /// <summary>It answered.</summary>
    Ready,

    /// <summary>It ended, and is about to be started again.</summary>
    Ended,
}

/// <summary>A part as the supervisor sees it.</summary>
/// <param name="Name">The part.</param>
/// <param name="Phase">How far it is.</param>
/// <param name="Process">Its process; null when there is none.</param>
/// <param name="Seconds">How long its last start took.</param>
/// <param name="Restarts">How often it was started again.</param>
internal sealed record PartState(string Name, PartPhase Phase, ProcessMark? Process, double Seconds, int Restarts);

/// <summary>What the supervisor tells the commands, in a file of the cluster's folder.</summary>
/// <param name="Supervisor">The supervisor.</param>
/// <param name="Phase">How far the cluster is.</param>
/// <param name="Error">Which part did not start, and why.</param>
/// <param name="Parts">The parts.</param>
internal sealed record ClusterState(ProcessMark Supervisor, ClusterPhase Phase, string? Error, IReadOnlyList<PartState> Parts)
{
    private static readonly JsonSerializerOptions _json = new() { WriteIndented = true, Converters = { new JsonStringEnumConverter() } };

    /// <summary>Nobody supervises the cluster (any more).</summary>
    [JsonIgnore]
    public bool IsAbandoned => !Supervisor.IsAlive;

    /// <summary>Processes that run.</summary>
    [JsonIgnore]
    public IReadOnlyList<PartState> Running => [.. Parts.Where(p => p.Process is { IsAlive: true })];

    /// <summary>The state of the cluster in a folder; null when there is none.</summary>
    public static ClusterState? Read(string folder) =>
        File.Exists(FileOf(folder)) ? JsonSerializer.Deserialize<ClusterState>(File.ReadAllText(FileOf(folder)), _json) : null;

    /// <summary>Tells it.</summary>
    public void Write(string folder) => DemoSecrets.Write(FileOf(folder), JsonSerializer.Serialize(this, _json));

    /// <summary>There is no cluster in the folder any more.</summary>
    public static void Forget(string folder) => File.Delete(FileOf(folder));

    private static string FileOf(string folder) => Path.Combine(folder, "state.json");
}
