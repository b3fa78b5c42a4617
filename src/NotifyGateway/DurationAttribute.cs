using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace PayCore.NotifyGateway;

/// <summary>
/// A duration between two ends, both allowed. The framework's <see cref="RangeAttribute"/> converts ends given as text at their first use, and an
/// attribute is shared by all that validate: two hosts of one process that start together may find it half converted.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class DurationAttribute(string minimum, string maximum) : ValidationAttribute
{
    private readonly TimeSpan _minimum = TimeSpan.Parse(minimum, CultureInfo.InvariantCulture);
    private readonly TimeSpan _maximum = TimeSpan.Parse(maximum, CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public override bool IsValid(object? value) => value is TimeSpan duration && duration >= _minimum && duration <= _maximum;

    /// <inheritdoc/>
    public override string FormatErrorMessage(string name) => $"{name} must be between {_minimum:c} and {_maximum:c}.";
}
