"""Pictures beside the tables, by matplotlib. Without a display: it draws into files."""
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402


def plot_drain(path, heads, columns):
    """Mails at the sink over time, and who spent the CPU of a mail."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(12, 4.5))
    for head, figures in zip(heads, columns):
        begin = figures["samples"][0][0]
        left.plot([at - begin for at, _ in figures["samples"]], [mails for _, mails in figures["samples"]],
                  label=f"{head}: {figures['rate']:,.0f}/s")
    left.set(xlabel="seconds since the first mail", ylabel="mails at the sink", title="Drain")
    left.legend(loc="upper left")
    left.grid(alpha=0.3)
    names = list(dict.fromkeys(name for figures in columns for name in figures["cpu_us"]))
    below = [0.0] * len(columns)
    for n, name in enumerate(names):
        values = [figures["cpu_us"].get(name, 0.0) for figures in columns]
        right.bar(heads, values, bottom=below, label=name, color=plt.get_cmap("tab20")(n))
        below = [low + value for low, value in zip(below, values)]
    for n, height in enumerate(below):
        right.text(n, height, f"{height:,.0f}", ha="center", va="bottom")
    right.set(ylabel="CPU µs a mail", title="Who spends it")
    right.legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)
