using System.ComponentModel.DataAnnotations;

namespace PayCore.PayManagerSystem;

/// <summary>Settings of the console (section <c>Console</c>).</summary>
public sealed class ConsoleOptions
{
    /// <summary>Scheme, host and port under which browsers reach it, without a slash at the end. Links for set-up and invitations are made from it.</summary>
    [Required]
    public string BaseUrl { get; set; } = "http://127.0.0.1:8082";

    /// <summary>
    /// 32 random bytes in base64 (<c>openssl rand -base64 32</c>) by which several instances take one another's forms. None (default): the key ring of this machine.
    /// </summary>
    public string? FormsKey { get; set; }

    /// <summary>
    /// Keys of an account that takes payments change by two people, and so do an app's limits of what one person does alone where they rise. Default true; a shop of one
    /// person switches it off, and the console says so.
    /// </summary>
    public bool FourEyes { get; set; } = true;

    /// <summary>A session that is not used for so long is over. Default 30 minutes.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>A session is over after so long, used or not. Default 12 hours.</summary>
    public TimeSpan SessionTimeout { get; set; } = TimeSpan.FromHours(12);

    /// <summary>
    /// The folder of exported lists, which processes may share. Default: within <c>Data</c>, else within the machine's folder for what is temporary. What a process that was
    /// killed left in it is removed when the next one starts.
    /// </summary>
    [Required]
    public string ExportFolder { get; set; } = Path.Combine(Path.GetTempPath(), "paycore-exports");

    /// <summary>An exported list has at most so many rows. Default 200,000.</summary>
    [Range(1, 5_000_000)]
    public int ExportRowsMax { get; set; } = 200_000;

    /// <summary>How soon an open page notices that its session is over. Default 5 seconds.</summary>
    public TimeSpan SessionCheckEvery { get; set; } = TimeSpan.FromSeconds(5);
}
