using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using PayCore.ServiceDefaults.Security;

namespace PayCore.Host.CommandLine;

/// <summary><c>paycore certs …</c>: the certificates by which services know one another.</summary>
internal sealed class CertificateCommands(CommandSession session)
{
    private const string Authority = "ca";
    private const string Everybody = "all";

    private readonly Option<string> _folder = new("--folder") { Description = "Where the files are.", HelpName = "FOLDER" };
    private readonly Option<string[]> _roles = new("--roles")
    {
        Description = "The roles, with commas between. Default: every role that calls or is called.",
        HelpName = "ROLE,ROLE",
        CustomParser = result => [.. result.Tokens.SelectMany(t => t.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))],
    };

    private readonly Option<int> _days = new("--days") { Description = "How long they are valid. Default: 365.", HelpName = "DAYS", DefaultValueFactory = _ => 365 };

    /// <summary>The roles that need a certificate: whoever calls, or is called.</summary>
    public static IEnumerable<string> Roles => Role.All.Where(r => r.InnerPort is not null || RoleCalls.Table.ContainsKey(r.Name)).Select(r => r.Name);

    /// <summary>The commands.</summary>
    public Command Build()
    {
        var init = new Command("init", "Makes an authority for development, a certificate for each role, and one for a process that runs all of them. Overwrites nothing.")
        {
            _folder, _roles, _days,
        };
        init.SetAction((arguments, _) => InitAsync(arguments));
        var show = new Command("show", "Shows whose certificates are in a folder, or in the files of Security:CaFile and Security:CertFile, and until when they are valid.") { _folder };
        show.SetAction((arguments, _) => ShowAsync(arguments));
        return new Command("certs", "The certificates by which services know one another.") { init, show };
    }

    /// <summary>Makes an authority and a certificate for each role, as files for their owner only.</summary>
    public static async Task WriteAsync(DevelopmentAuthority authority, string folder, IReadOnlyList<string> roles)
    {
        Directory.CreateDirectory(folder);
        await WriteAsync(folder, Authority, authority.Own);
        foreach (var role in roles)
        {
            await WriteAsync(folder, role, authority.Issue(role));
        }

        await WriteAsync(folder, Everybody, authority.Issue([.. roles]));
    }

    /// <summary>The settings of a process that uses a certificate of such a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="role">The role; null for the certificate of all of them.</param>
    public static string[] Settings(string folder, string? role) =>
    [
        $"--Security:CaFile={Path.Combine(folder, Authority)}.pem",
        $"--Security:CertFile={Path.Combine(folder, role ?? Everybody)}.pem",
        $"--Security:KeyFile={Path.Combine(folder, role ?? Everybody)}.key",
    ];

    private async Task<int> InitAsync(ParseResult arguments)
    {
        var folder = arguments.GetValue(_folder) ?? throw new CommandFailedException("--folder: name the folder for the files.");
        var asked = arguments.GetValue(_roles) ?? [];
        var roles = asked.Length == 0 ? [.. Roles] : asked;
        if (roles.Except(Roles).FirstOrDefault() is { } unknown)
        {
            throw new CommandFailedException($"--roles: {unknown} needs no certificate or is no role. Roles: {string.Join(", ", Roles)}.");
        }

        var days = arguments.GetValue(_days);
        if (days is < 1 or > 3650)
        {
            throw new CommandFailedException("--days: 1 to 3650.");
        }

        if (roles.Append(Authority).Append(Everybody).Select(n => Path.Combine(folder, $"{n}.pem")).FirstOrDefault(File.Exists) is { } there)
        {
            throw new CommandFailedException($"--folder: {there} is there already and is not overwritten; name another folder.");
        }

        using var authority = new DevelopmentAuthority(session.Time, session.Random, TimeSpan.FromDays(days));
        await WriteAsync(authority, folder, roles);
        Console.WriteLine($"An authority and {roles.Length + 1} certificates are in {folder}. A process of one role, here {roles[0]}, takes:");
        Console.WriteLine($"  {string.Join(' ', Settings(folder, roles[0]))}");
        Console.WriteLine($"Who has {Authority}.key can make certificates for every role: keep it where no service runs.");
        return 0;
    }

    private async Task<int> ShowAsync(ParseResult arguments)
    {
        var security = session.Get<IConfiguration>().GetSection("Security").Get<SecurityOptions>() ?? new SecurityOptions();
        string[] files = arguments.GetValue(_folder) is not { } folder ? [.. new[] { security.CaFile, security.CertFile }.Where(f => f.Length > 0)]
            : Directory.Exists(folder) ? [.. Directory.GetFiles(folder, "*.pem").Order(StringComparer.Ordinal)]
            : throw new CommandFailedException($"--folder: there is no folder {folder}.");
        if (files.Length == 0)
        {
            throw new CommandFailedException("--folder: name a folder with certificates, or give the settings Security:CaFile and Security:CertFile.");
        }

        foreach (var file in files)
        {
            foreach (var certificate in Read(file, await OwnerFile.ReadAsync("--folder", file)))
            {
                var left = certificate.NotAfter.ToUniversalTime() - session.Time.GetUtcNow();
                var names = string.Join(", ", RoleName.All(certificate).DefaultIfEmpty("authority"));
                Console.WriteLine($"{Path.GetFileName(file),-22} until {Times.Show(certificate.NotAfter.ToUniversalTime(), session.Time)} ({Math.Floor(left.TotalDays):0} days)  {names}");
            }
        }

        return 0;
    }

    private static X509Certificate2Collection Read(string file, string text)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(text);
        }
        catch (CryptographicException e)
        {
            throw new CommandFailedException($"--folder: {file} is no PEM file of certificates: {e.Message}");
        }

        return certificates;
    }

    private static async Task WriteAsync(string folder, string name, CertificatePair pair)
    {
        await OwnerFile.CreateAsync("--folder", Path.Combine(folder, $"{name}.pem"), pair.Certificate);
        await OwnerFile.CreateAsync("--folder", Path.Combine(folder, $"{name}.key"), pair.Key);
    }
}
