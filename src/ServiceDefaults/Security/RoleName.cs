using System.Security.Cryptography.X509Certificates;

namespace PayCore.ServiceDefaults.Security;

/// <summary>
/// The name by which a certificate speaks for a role: a DNS name among its subject alternative names, <c>paydatabase.paycore</c>. It names a role and no machine, so
/// that any number of instances, wherever they run, have the same one. A certificate may name several roles.
/// </summary>
public static class RoleName
{
    private const string Suffix = ".paycore";

    /// <summary>The name of a role in a certificate.</summary>
    public static string Of(string role)
    {
        ArgumentNullException.ThrowIfNull(role);
        // Written as DNS names are; they are compared without regard to case.
#pragma warning disable CA1308
        return role.ToLowerInvariant() + Suffix;
#pragma warning restore CA1308
    }

    /// <summary>Whether a certificate speaks for a role.</summary>
    public static bool IsIn(X509Certificate2 certificate, string role) => All(certificate).Contains(Of(role), StringComparer.OrdinalIgnoreCase);

    /// <summary>Every role's name in a certificate.</summary>
    public static IEnumerable<string> All(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(e => e.EnumerateDnsNames())
            .Where(n => n.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase));
    }
}
